package dev.pdrouter.server.jdk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was set, and where: flag over environment over YAML over default. Within one source the later setting counts,
 * and lists add up.
 */
final class Settings {

    private static final Map<String, Name<?>> NAMES = names();

    private final Map<Source, Map<Option<?>, Object>> sources = new EnumMap<>(Source.class);
    private final List<String> warnings = new ArrayList<>();

    private record Name<T>(Option<T> option, Option.Alias<T> alias) {}

    /**
     * Reads everything.
     *
     * @param arguments the command line, without help or version
     * @param environment the environment
     * @return the settings
     * @throws BadSetting when something is wrong; the message is for the terminal
     */
    static Settings read(List<String> arguments, Map<String, String> environment) throws BadSetting {
        Settings settings = new Settings();
        CommandLine.apply(arguments, settings);
        Environment.apply(environment, settings);
        Optional<String> inline = settings.find(Options.CONFIGURATION);
        if (settings.find(Options.CONFIGURATION_FILE).isPresent()) {
            if (inline.isPresent()) {
                throw new BadSetting("-configuration and -configuration-file: expected one of the two only");
            }
            Yaml.applyFile(settings.find(Options.CONFIGURATION_FILE).orElseThrow(), settings);
        } else if (inline.isPresent()) {
            Yaml.apply(inline.get(), "-configuration", settings);
        }
        for (Option<?> option : Options.ALL) {
            settings.check(option);
        }
        settings.checkTogether();
        settings.warnOfKlog();
        return settings;
    }

    /** Whether a flag of that name needs no value; empty when there is no such option in that source. */
    static Optional<Boolean> isSwitch(String name, Source source) {
        return known(name, source).map(found -> found.alias().kind().isSwitch());
    }

    /**
     * Sets one option.
     *
     * @param source where it is set
     * @param name one of its names
     * @param text the value
     * @param setting how the whole setting is named in a message
     * @throws BadSetting when there is no such option there, or the value is none
     */
    void set(Source source, String name, String text, String setting) throws BadSetting {
        Optional<Name<?>> found = known(name, source);
        if (found.isEmpty()) {
            throw BadSetting.of(setting, "unknown option; -help lists those there are");
        }
        put(source, found.get(), text, setting);
    }

    private <T> void put(Source source, Name<T> name, String text, String setting) throws BadSetting {
        Option.Alias<T> alias = name.alias();
        if (text.isEmpty()
                && name.option().fallback().isEmpty()
                && !alias.kind().isSwitch()) {
            if (source != Source.ENVIRONMENT && !name.option().mayBeEmpty()) {
                throw BadSetting.of(
                        setting, "expected " + alias.kind().accepted().get());
            }
            return;
        }
        T value = alias.kind().read(text, setting);
        Map<Option<?>, Object> values = sources.computeIfAbsent(source, any -> new LinkedHashMap<>());
        T earlier = value(values, name.option());
        values.put(name.option(), earlier == null ? value : alias.kind().adds().apply(earlier, value));
        if (!alias.successor().isEmpty()) {
            warnings.add(setting + " is deprecated: write " + alias.successor());
        }
    }

    /** The value that was set, if one was. */
    <T> Optional<T> find(Option<T> option) {
        for (Map<Option<?>, Object> values : sources.values()) {
            T value = value(values, option);
            if (value != null) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    /** The value that was set, or else the default, which for lists is an empty one. */
    <T> T get(Option<T> option) {
        return find(option).orElseGet(() -> {
            try {
                return fallback(option);
            } catch (BadSetting e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** What is worth a warning, one line each, once the log is up. */
    List<String> warnings() {
        return List.copyOf(warnings);
    }

    private void check(Option<?> option) throws BadSetting {
        if (!option.fallback().isEmpty() && find(option).isEmpty()) {
            fallback(option);
        }
    }

    private static <T> T fallback(Option<T> option) throws BadSetting {
        return option.kind().read(option.fallback(), "-" + option.name() + "=" + option.fallback());
    }

    /** Whoever wants certificates of clients must not find them unasked. */
    private void checkTogether() throws BadSetting {
        Optional<Path> authorities = find(Options.CLIENT_CA_PATH);
        if (authorities.isPresent() && !get(Options.SECURE_PROXY)) {
            throw BadSetting.of(
                    "-client-ca-path=" + authorities.get(),
                    "expected -secure-proxy too: clients show certificates over TLS only");
        }
    }

    private void warnOfKlog() {
        List<String> idle = Options.ALL.stream()
                .filter(option -> option.section() == Section.KLOG)
                .filter(option -> find(option).isPresent())
                .filter(option -> option != Options.LOGTOSTDERR || !get(Options.LOGTOSTDERR))
                .map(option -> "-" + option.name())
                .toList();
        if (!idle.isEmpty()) {
            warnings.add("without effect, the log goes to stderr: " + String.join(", ", idle));
        }
    }

    private static Optional<Name<?>> known(String name, Source source) {
        return Optional.<Name<?>>ofNullable(NAMES.get(name))
                .filter(found -> found.option().sources().contains(source));
    }

    private static Map<String, Name<?>> names() {
        Map<String, Name<?>> names = new HashMap<>();
        Options.ALL.forEach(option -> addNames(option, names));
        return names;
    }

    private static <T> void addNames(Option<T> option, Map<String, Name<?>> names) {
        option.names().forEach(alias -> names.put(alias.name(), new Name<>(option, alias)));
    }

    /** An option's value is only ever put there by {@link #put}, which has its type. */
    @SuppressWarnings("unchecked")
    private static <T> @Nullable T value(Map<Option<?>, Object> values, Option<T> option) {
        return (T) values.get(option);
    }
}
