package dev.pdrouter.server.jdk;

import java.util.Map;

/**
 * Environment variables: {@code PD_} and the name in capitals.
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
                for (Option.Alias<?> alias : option.names()) {
                    String text = environment.getOrDefault(alias.variable(), "");
                    if (!text.isEmpty()) {
                        String setting = alias.variable() + "=" + BadSetting.shown(text);
                        settings.set(Source.ENVIRONMENT, alias.name(), text, setting);
                    }
                }
            }
        }
    }
}
