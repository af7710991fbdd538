package dev.pdrouter.connector;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Small values read as engines read them, whose validation (pydantic's lax mode) takes {@code "4"} for 4. */
final class Lenient {

    private static final Set<String> TRUE = Set.of("true", "1", "1.0", "t", "y", "yes", "on");

    private Lenient() {}

    /** A number, or a string that spells one; not a number when it is neither, so that no comparison holds. */
    static double number(JsonBody body, String name) {
        List<ByteRange> value = body.value(name);
        if (value == null) {
            return Double.NaN;
        }
        long digits = value.size() == 1 ? digits(value.getFirst()) : -1;
        return digits >= 0 ? digits : body.get(name).map(Lenient::number).orElse(Double.NaN);
    }

    /** What almost all numbers are: a few digits, for which no parser is needed; -1 for anything else. */
    private static long digits(ByteRange value) {
        if (value.length() > 15) {
            return -1;
        }
        long number = 0;
        for (int i = value.from(); i < value.to(); i++) {
            int digit = value.bytes()[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    private static double number(JsonNode value) {
        if (!value.isTextual()) {
            return value.isNumber() ? value.doubleValue() : Double.NaN;
        }
        try {
            return Double.parseDouble(value.textValue().replace("_", ""));
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    static boolean isTrue(JsonBody body, String name) {
        return body.get(name)
                .filter(JsonNode::isValueNode)
                .map(value -> TRUE.contains(value.asText().toLowerCase(Locale.ROOT)))
                .orElse(false);
    }

    static boolean isText(JsonBody body, String name, String text) {
        return body.firstByte(name) == '"'
                && body.get(name).filter(v -> text.equals(v.textValue())).isPresent();
    }
}
