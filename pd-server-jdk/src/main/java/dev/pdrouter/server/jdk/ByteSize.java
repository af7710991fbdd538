package dev.pdrouter.server.jdk;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes: {@code 512KiB}, {@code 64MiB}, or plain bytes. */
final class ByteSize {

    private static final Pattern SIZE = Pattern.compile("(\\d{1,19})(|B|KiB|MiB|GiB|TiB)");

    private ByteSize() {}

    /**
     * Reads a size.
     *
     * @param text digits and perhaps a unit
     * @return bytes
     * @throws IllegalArgumentException when it is none, or does not fit a long
     */
    static long parse(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new IllegalArgumentException();
        }
        long number = Long.parseLong(size.group(1));
        int power =
                switch (size.group(2)) {
                    case "KiB" -> 10;
                    case "MiB" -> 20;
                    case "GiB" -> 30;
                    case "TiB" -> 40;
                    default -> 0;
                };
        if (number > Long.MAX_VALUE >> power) {
            throw new IllegalArgumentException();
        }
        return number << power;
    }
}
