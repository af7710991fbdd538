package dev.pdrouter.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Iterator;
import java.util.stream.Stream;

/** The demo's client: it knows the sidecar, and names the prefiller as a scheduler would. */
final class DemoClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MESSAGES =
            "\"messages\":[{\"role\":\"user\",\"content\":\"Which trees grow by the sea, and what keeps them there?\"}]";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final DemoStack stack;

    DemoClient(DemoStack stack) {
        this.stack = stack;
    }

    /**
     * What came of a streamed request.
     *
     * @param text all tokens
     * @param events how many there were
     * @param firstMillis from sending to the first event
     * @param lastMillis from sending to the last one
     */
    record Streamed(String text, int events, double firstMillis, double lastMillis) {}

    String chat(String requestId) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request(requestId, ""), HttpResponse.BodyHandlers.ofString());
        return JSON.readTree(answer.body()).at("/choices/0/message/content").asText(answer.body());
    }

    Streamed streamedChat(String requestId) throws IOException, InterruptedException {
        long start = System.nanoTime();
        HttpRequest request = request(requestId, "\"stream\":true,");
        StringBuilder text = new StringBuilder();
        int events = 0;
        double first = 0;
        double last = 0;
        try (Stream<String> lines =
                http.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
            for (Iterator<String> each = lines.iterator(); each.hasNext(); ) {
                String line = each.next();
                if (line.startsWith("data: ")) {
                    last = (System.nanoTime() - start) / 1e6;
                    first = events == 0 ? last : first;
                    events++;
                    text.append(token(line.substring("data: ".length())));
                }
            }
        }
        return new Streamed(text.toString(), events, first, last);
    }

    private static String token(String data) throws IOException {
        if (data.equals("[DONE]")) {
            return "";
        }
        JsonNode chunk = JSON.readTree(data);
        return chunk.at("/choices/0/delta/content").asText("");
    }

    private HttpRequest request(String requestId, String members) {
        return HttpRequest.newBuilder(URI.create(stack.address() + "/v1/chat/completions"))
                .header("content-type", "application/json")
                .header("x-request-id", requestId)
                .header("x-prefiller-host-port", stack.prefiller().address())
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"demo\"," + members + MESSAGES + "}"))
                .build();
    }

    @Override
    public void close() {
        http.close();
    }
}
