package dev.pdrouter.connector;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A member's name, to be found however it is spelled: {@code "n"} and {@code "\u005cu006e"} are one. */
final class JsonName {

    private final String name;
    private final byte[] plain;

    JsonName(String name) {
        this.name = name;
        this.plain = name.getBytes(StandardCharsets.UTF_8);
    }

    /** What stands before the value of a member of this name. */
    byte[] spelled(boolean first) {
        String quoted = new String(JsonStringEncoder.getInstance().quoteAsString(name));
        return ((first ? "\"" : ",\"") + quoted + "\":").getBytes(StandardCharsets.UTF_8);
    }

    /** Compares with what stands between the quotes of a valid string. */
    boolean matches(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length > plain.length) {
            return matchesEscaped(bytes, from, to);
        }
        // Escapes make a spelling longer: one of the same length has none, which a name with a backslash needs.
        return length == plain.length && Arrays.equals(bytes, from, to, plain, 0, length) && name.indexOf('\\') < 0;
    }

    private boolean matchesEscaped(byte[] bytes, int from, int to) {
        int at = from;
        for (int i = 0; i < name.length(); i++) {
            if (at == to) {
                return false;
            }
            if (bytes[at] == '\\') {
                if (name.charAt(i) != unescape(bytes, at + 1)) {
                    return false;
                }
                at += bytes[at + 1] == 'u' ? 6 : 2;
            } else if (bytes[at] >= 0) {
                if (name.charAt(i) != bytes[at++]) {
                    return false;
                }
            } else {
                byte[] expected = Character.toString(name.codePointAt(i)).getBytes(StandardCharsets.UTF_8);
                if (!Arrays.equals(bytes, at, Math.min(to, at + expected.length), expected, 0, expected.length)) {
                    return false;
                }
                at += expected.length;
                i += Character.charCount(name.codePointAt(i)) - 1;
            }
        }
        return at == to;
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
