package dev.pdrouter.connector;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A member's name, to be found however it is spelled: {@code "n"} and {@code "\u005cu006e"} are one.
 *
 * @param text as it reads
 * @param open whether every name that begins so is meant
 */
record JsonName(String text, boolean open) {

    JsonName(String text) {
        this(text, false);
    }

    /** One of {@link KvConnector#reserved}, which may end with a star. */
    static JsonName reserved(String name) {
        boolean open = name.endsWith("*");
        return new JsonName(open ? name.substring(0, name.length() - 1) : name, open);
    }

    boolean isOf(String name) {
        return open ? name.startsWith(text) : name.equals(text);
    }

    /** What stands before the value of a member of this name. */
    byte[] spelled(boolean first) {
        String quoted =
                isPlain() ? text : new String(JsonStringEncoder.getInstance().quoteAsString(text));
        return ((first ? "\"" : ",\"") + quoted + "\":").getBytes(StandardCharsets.UTF_8);
    }

    private boolean isPlain() {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                return false;
            }
        }
        return true;
    }

    /** Compares with what stands between the quotes of a valid string. */
    boolean matches(byte[] bytes, int from, int to) {
        int end = endIn(bytes, from, to);
        return open ? end >= 0 : end == to;
    }

    /** Where the text ends in what stands between the quotes; -1 when that begins otherwise. */
    private int endIn(byte[] bytes, int from, int to) {
        int length = text.length();
        if (to - from < length) {
            return -1;
        }
        for (int i = 0; i < length; i++) {
            byte b = bytes[from + i];
            if (b < 0 || b == '\\') {
                return endInSpelled(bytes, from + i, to, i);
            }
            if (b != text.charAt(i)) {
                return -1;
            }
        }
        return from + length;
    }

    /** As {@link #endIn}, with what is escaped or is no ASCII, from a character on. */
    private int endInSpelled(byte[] bytes, int from, int to, int first) {
        int at = from;
        for (int i = first; i < text.length(); i++) {
            if (at == to) {
                return -1;
            }
            if (bytes[at] == '\\') {
                if (text.charAt(i) != unescape(bytes, at + 1)) {
                    return -1;
                }
                at += bytes[at + 1] == 'u' ? 6 : 2;
            } else if (bytes[at] >= 0) {
                if (text.charAt(i) != bytes[at++]) {
                    return -1;
                }
            } else {
                byte[] expected = Character.toString(text.codePointAt(i)).getBytes(StandardCharsets.UTF_8);
                if (!Arrays.equals(bytes, at, Math.min(to, at + expected.length), expected, 0, expected.length)) {
                    return -1;
                }
                at += expected.length;
                i += Character.charCount(text.codePointAt(i)) - 1;
            }
        }
        return at;
    }

    private static char unescape(byte[] bytes, int at) {
        return switch (bytes[at]) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) Integer.parseInt(new String(bytes, at + 1, 4, StandardCharsets.US_ASCII), 16);
            default -> (char) bytes[at];
        };
    }
}
