package dev.pdrouter.connectors;

import java.util.Map;

/** Numbers among the options. */
final class Ports {

    private Ports() {}

    /** A port, or what counts when it is not set. */
    static int of(Map<String, String> options, String name, int fallback) {
        return number(options, name, fallback, 65535);
    }

    static int number(Map<String, String> options, String name, int fallback, int most) {
        String text = options.get(name);
        if (text == null) {
            return fallback;
        }
        int number = text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
        if (number < 1 || number > most) {
            throw new IllegalArgumentException(name + ": expected a whole number from 1 to " + most);
        }
        return number;
    }
}
