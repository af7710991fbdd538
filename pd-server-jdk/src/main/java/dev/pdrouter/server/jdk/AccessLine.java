package dev.pdrouter.server.jdk;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** One line of the access log: names and values, in order. Made by one thread. */
final class AccessLine {

    private final Map<String, Object> values = new LinkedHashMap<>();

    AccessLine with(String name, Object value) {
        values.put(name, value);
        return this;
    }

    /** In milliseconds, to a thousandth. */
    AccessLine with(String name, Duration took) {
        return with(name, took.toNanos() / 1000 / 1000.0);
    }

    Map<String, Object> values() {
        return values;
    }

    /** {@code name=value} each; a value with a blank, a quote or a control character in quotes, escaped as in JSON and in ASCII. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("access");
        values.forEach((name, value) -> {
            text.append(' ').append(name).append('=');
            String shown = value.toString();
            if (isPlain(shown)) {
                text.append(shown);
            } else {
                quote(shown, text);
            }
        });
        return text.toString();
    }

    /** As JSON, in ASCII: what else there is may be an order to a terminal, or the end of a line to a reader. */
    private static void quote(String value, StringBuilder to) {
        StringBuilder json = new StringBuilder();
        JsonLogLine.quote(value, json);
        json.chars().forEach(c -> {
            if (c < 0x7f) {
                to.append((char) c);
            } else {
                to.append(String.format("\\u%04x", c));
            }
        });
    }

    private static boolean isPlain(String value) {
        return !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"' && c != '\\');
    }
}
