package dev.pdrouter.connector;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Builds the small values that the router looks into. */
final class JsonTree {

    private static final ObjectReader READER = new JsonMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNameLength(Integer.MAX_VALUE)
                            .build())
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
                    .build())
            .reader();

    private JsonTree() {}

    /** Reads a valid value. The limit on numbers stays: a big integer costs the square of its length. */
    static JsonNode read(ByteRange value) {
        try {
            return READER.readTree(value.bytes(), value.from(), value.length());
        } catch (IOException e) {
            byte first = value.bytes()[value.from()];
            boolean number = first == '-' || first >= '0' && first <= '9';
            return number ? DoubleNode.valueOf(Double.parseDouble(text(value))) : MissingNode.getInstance();
        }
    }

    private static String text(ByteRange value) {
        return new String(value.bytes(), value.from(), value.length(), StandardCharsets.US_ASCII);
    }
}
