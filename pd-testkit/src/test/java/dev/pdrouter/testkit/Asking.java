package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** A client of engines. */
final class Asking implements AutoCloseable {
    static final String COMPLETIONS = "/v1/completions";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** A request for completions: the prompt {@code hi}, and some more members. */
    static HttpRequest request(ModelEngine engine, String id, String members) {
        return post(engine, COMPLETIONS, id, "{\"model\":\"m\",\"prompt\":\"hi\"," + members + "}");
    }

    static HttpRequest post(ModelEngine engine, String path, String id, String body) {
        return HttpRequest.newBuilder(engine.engine().uri(path))
                .header("Content-Type", "application/json")
                .header("X-Request-Id", id)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    HttpResponse<String> ask(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> ask(ModelEngine engine, String members) throws IOException, InterruptedException {
        return ask(request(engine, "r1", members));
    }

    CompletableFuture<HttpResponse<String>> begin(HttpRequest request) {
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    }

    static JsonNode json(HttpResponse<String> answer) {
        return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8)).orElseThrow();
    }

    static String text(HttpResponse<String> answer) {
        return json(answer).at("/choices/0/text").asText();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
