package dev.pdrouter.connectors;

import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;

/** Strings as JSON, and JSON as bytes. */
final class Text {

    private Text() {}

    static String quoted(String text) {
        return TextNode.valueOf(text).toString();
    }

    /** Fills JSON in, which is in UTF-8 then. */
    static byte[] json(String format, Object... values) {
        return format.formatted(values).getBytes(StandardCharsets.UTF_8);
    }
}
