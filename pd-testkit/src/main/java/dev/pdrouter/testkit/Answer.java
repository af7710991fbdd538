package dev.pdrouter.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/**
 * An answer to be compared.
 *
 * @param http as it came
 */
record Answer(HttpResponse<InputStream> http) {

    /** The body without the ids, which are never the same twice; fails when the status is another. */
    String textWithStatus(int status) throws IOException {
        try (InputStream body = http.body()) {
            String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
            Check.that(http.statusCode() == status, "the status is " + http.statusCode() + ": " + text);
            return text.replaceAll("\"(id|item_id|request_id)\":\"[^\"]*\"", "\"$1\":\"\"");
        }
    }

    /** What the client gets where there is no prefiller. */
    static String ofOneEngine(ConformanceRequest request) throws IOException, InterruptedException {
        try (VllmDecoder alone = VllmDecoder.builder().scaleOut().start()) {
            HttpRequest http = HttpRequest.newBuilder(
                            alone.engine().uri(request.api().path()))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(request.bytes()))
                    .build();
            return new Answer(ConformanceStack.CLIENT.send(http, HttpResponse.BodyHandlers.ofInputStream()))
                    .textWithStatus(200);
        }
    }
}
