package dev.pdrouter.internal;

import dev.pdrouter.connector.JsonBody;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The JSON objects of a stream of server-sent events; comments and events that hold none are left out. */
final class EventObjects {

    private EventObjects() {}

    /** Reads the events that are whole: an end without its empty line is none. */
    static List<JsonBody> in(byte[] stream) {
        List<JsonBody> objects = new ArrayList<>();
        StringBuilder data = new StringBuilder();
        // Latin-1 keeps every byte, and no line's end is a part of another character in UTF-8.
        String text = new String(stream, StandardCharsets.ISO_8859_1);
        int from = 0;
        for (int end = endOfLine(text, from); end >= 0; end = endOfLine(text, from)) {
            String line = text.substring(from, end);
            from = text.startsWith("\r\n", end) ? end + 2 : end + 1;
            if (line.isEmpty()) {
                add(data, objects);
            } else if (line.startsWith("data:")) {
                data.append(line, 5, line.length()).append('\n');
            }
        }
        return objects;
    }

    private static int endOfLine(String text, int from) {
        int end = from;
        while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
            end++;
        }
        return end < text.length() ? end : -1;
    }

    private static void add(StringBuilder data, List<JsonBody> objects) {
        try {
            objects.add(JsonBody.parse(data.toString().getBytes(StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            // [DONE], or nothing at all.
        }
        data.setLength(0);
    }
}
