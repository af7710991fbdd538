package dev.pdrouter.internal;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pdrouter.connector.JsonBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The JSON objects of an answer that is a list of them, as SGLang's own endpoint gives to a list of prompts. */
final class ListedObjects {

    private static final String LIST = "list";

    private ListedObjects() {}

    static boolean isList(byte[] answer) {
        int at = 0;
        while (at < answer.length && Character.isWhitespace(answer[at])) {
            at++;
        }
        return at < answer.length && answer[at] == '[';
    }

    /** Reads the elements; a list without any is no answer to anything. */
    static List<JsonBody> in(byte[] answer) throws IOException {
        ByteArrayOutputStream within = new ByteArrayOutputStream(answer.length + 16);
        within.writeBytes(("{\"" + LIST + "\":").getBytes(StandardCharsets.US_ASCII));
        within.writeBytes(answer);
        within.write('}');
        List<JsonBody> objects = new ArrayList<>();
        for (JsonNode element : JsonBody.parse(within.toByteArray()).get(LIST).orElseThrow()) {
            objects.add(JsonBody.parse(element.toString().getBytes(StandardCharsets.UTF_8)));
        }
        if (objects.isEmpty()) {
            throw new IOException("the list is empty");
        }
        return objects;
    }
}
