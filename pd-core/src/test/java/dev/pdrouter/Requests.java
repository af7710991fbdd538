package dev.pdrouter;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Parts of requests, and what comes of them, as tests write them down. */
final class Requests {

    private Requests() {}

    /** Headers of names and values in turn. */
    static HttpHeaders headers(String... namesAndValues) {
        Map<String, List<String>> map = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.computeIfAbsent(namesAndValues[i], name -> new ArrayList<>()).add(namesAndValues[i + 1]);
        }
        return HttpHeaders.of(map, (name, value) -> true);
    }

    static Body repeatable(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return new Body() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(bytes);
            }

            @Override
            public boolean isRepeatable() {
                return true;
            }
        };
    }

    static Body stream(String text) {
        return Body.of(new ByteArrayInputStream(text.getBytes(UTF_8)), -1);
    }

    static String text(EngineResponse answer) throws IOException {
        return new String(answer.body().readAllBytes(), UTF_8);
    }
}
