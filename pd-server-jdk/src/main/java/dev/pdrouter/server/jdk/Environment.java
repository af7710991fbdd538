package dev.pdrouter.server.jdk;

import java.util.Map;

/**
 * Environment variables: {@code PD_} and the name in capitals, and before them those that other sidecars read.
 *
 * <p>Others that begin so are left alone: Kubernetes makes some for a service that is called {@code pd-router}. An
 * empty one counts as not set.
 */
final class Environment {

    private Environment() {}

    /**
     * Takes the settings of an environment.
     *
     * @param environment all variables
     * @param settings where they go
     * @throws BadSetting for the first that is wrong
     */
    static void apply(Map<String, String> environment, Settings settings) throws BadSetting {
        for (Option<?> option : Options.ALL) {
            if (option.sources().contains(Source.ENVIRONMENT)) {
                for (String variable : option.variables()) {
                    apply(environment, variable, option.name(), settings);
                }
                for (Option.Alias<?> alias : option.names()) {
                    apply(environment, alias.variable(), alias.name(), settings);
                }
            }
        }
    }

    private static void apply(Map<String, String> environment, String variable, String name, Settings settings)
            throws BadSetting {
        String text = environment.getOrDefault(variable, "");
        // Kubernetes sets PD_PORT=tcp://... for a Service of the name pd.
        if (!text.isEmpty() && !text.startsWith("tcp://")) {
            settings.set(Source.ENVIRONMENT, name, text, variable + "=" + BadSetting.shown(text));
        }
    }
}
