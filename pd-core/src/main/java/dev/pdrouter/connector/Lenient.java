package dev.pdrouter.connector;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Set;

/** Small values read as engines read them, whose validation (pydantic's lax mode) takes {@code "4"} for 4. */
final class Lenient {

    private static final Set<String> TRUE = Set.of("true", "1", "1.0", "t", "y", "yes", "on");

    private Lenient() {}

    /** A number, or a string that spells one; not a number when it is neither, so that no comparison holds. */
    static double number(JsonBody body, String name) {
        return body.get(name).map(Lenient::number).orElse(Double.NaN);
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
