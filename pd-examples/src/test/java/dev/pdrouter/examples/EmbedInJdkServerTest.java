package dev.pdrouter.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.pdrouter.PdRouter;
import dev.pdrouter.Target;
import dev.pdrouter.TargetPolicy;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.VllmDecoder;
import dev.pdrouter.testkit.VllmPrefiller;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class EmbedInJdkServerTest {

    @Test
    void requestsGoThroughBothWorkers() throws Exception {
        try (VllmPrefiller prefiller = VllmPrefiller.start();
                VllmDecoder decoder = VllmDecoder.start();
                PdRouter router = PdRouter.builder()
                        .decoder(Target.parse(decoder.address()))
                        .kvConnector(KvConnector.named("nixlv2"))
                        .targets(TargetPolicy.any())
                        .build();
                HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            HttpServer server = EmbedInJdkServer.start(router, 0);
            try {
                URI base = URI.create("http://localhost:" + server.getAddress().getPort());
                for (String stream : new String[] {"", ",\"stream\":true"}) {
                    HttpRequest chat = HttpRequest.newBuilder(base.resolve("/v1/chat/completions"))
                            .header("Content-Type", "application/json")
                            .header("X-Prefiller-Host-Port", prefiller.address())
                            .POST(HttpRequest.BodyPublishers.ofString(
                                    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" + stream
                                            + "}"))
                            .build();
                    HttpResponse<String> answer = client.send(chat, HttpResponse.BodyHandlers.ofString());
                    assertThat(answer.statusCode()).isEqualTo(200);
                    assertThat(answer.body()).contains("finish_reason");
                }
                HttpResponse<String> health = client.send(
                        HttpRequest.newBuilder(base.resolve("/ping")).build(), HttpResponse.BodyHandlers.ofString());
                assertThat(health.statusCode()).isEqualTo(200);
                assertThat(health.body()).isEmpty();
            } finally {
                server.stop(0);
            }
            assertThat(prefiller.handoffs()).hasSize(2);
            assertThat(decoder.transfers()).hasSize(2);
            assertThat(decoder.violations()).isEmpty();
        }
    }
}
