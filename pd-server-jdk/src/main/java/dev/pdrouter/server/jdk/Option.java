package dev.pdrouter.server.jdk;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One row of the table of options: all that flag, environment variable, YAML key, help and documentation say of it.
 *
 * @param <T> the type of its value
 * @param section where it is listed
 * @param name the flag and the YAML key
 * @param kind what it takes
 * @param fallback the default, spelled as a user would; empty for none
 * @param help one or two sentences, lower case, without the default
 * @param sources where it can be set
 * @param aliases its other names
 * @param variables environment variables, beside those of its names, that other sidecars read
 * @param mayBeEmpty whether an empty flag or YAML value of an option without a default counts as not set; else it is an
 *     error, for options whose absence lets in more
 */
record Option<T>(
        Section section,
        String name,
        Kind<T> kind,
        String fallback,
        String help,
        Set<Source> sources,
        List<Alias<T>> aliases,
        List<String> variables,
        boolean mayBeEmpty) {

    /**
     * Another name of an option, perhaps with another spelling of its values.
     *
     * @param <T> the type of the option's value
     * @param name the name
     * @param kind what that name takes
     * @param successor what to write instead; empty when the name is as good as the other
     */
    record Alias<T>(String name, Kind<T> kind, String successor) {

        /** The name of the environment variable. */
        String variable() {
            return Option.variable(name);
        }
    }

    static <T> Option<T> of(Section section, String name, Kind<T> kind, String fallback, String help) {
        return new Option<>(
                section, name, kind, fallback, help, EnumSet.allOf(Source.class), List.of(), List.of(), true);
    }

    Option<T> also(String alias) {
        return also(alias, kind, "");
    }

    Option<T> also(String alias, Kind<T> takes) {
        return also(alias, takes, "");
    }

    Option<T> also(String alias, Kind<T> takes, String successor) {
        List<Alias<T>> all = Stream.concat(aliases.stream(), Stream.of(new Alias<>(alias, takes, successor)))
                .toList();
        return new Option<>(section, name, kind, fallback, help, sources, all, variables, mayBeEmpty);
    }

    Option<T> onlyFrom(Source first, Source... others) {
        return new Option<>(
                section, name, kind, fallback, help, EnumSet.of(first, others), aliases, variables, mayBeEmpty);
    }

    Option<T> alsoVariable(String variable) {
        return new Option<>(section, name, kind, fallback, help, sources, aliases, List.of(variable), mayBeEmpty);
    }

    Option<T> neverEmpty() {
        return new Option<>(section, name, kind, fallback, help, sources, aliases, variables, false);
    }

    /** Every name, its own first. */
    List<Alias<T>> names() {
        return Stream.concat(Stream.of(new Alias<>(name, kind, "")), aliases.stream())
                .toList();
    }

    static String variable(String name) {
        return "PD_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
