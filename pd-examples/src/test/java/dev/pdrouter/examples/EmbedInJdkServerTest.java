package dev.pdrouter.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.pdrouter.PdRouter;
import dev.pdrouter.testkit.VllmDecoder;
import dev.pdrouter.testkit.VllmPrefiller;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class EmbedInJdkServerTest {

    @Test
    void requestsGoThroughBothWorkers() throws Exception {
        try (VllmPrefiller prefiller = VllmPrefiller.start();
                VllmDecoder decoder = VllmDecoder.start();
                PdRouter router = EmbedInJdkServer.router(decoder.address());
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

    @Test
    void theReadmeShowsWhatIsTestedHere() throws Exception {
        Path home = Path.of("..");
        String readme = Files.readString(home.resolve("README.md"));
        String source = withoutBlanks(Files.readString(
                home.resolve("pd-examples/src/main/java/dev/pdrouter/examples/EmbedInJdkServer.java")));
        Matcher code = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
        int blocks = 0;
        while (code.find()) {
            assertThat(source).contains(withoutBlanks(code.group(1)));
            blocks++;
        }
        assertThat(blocks).isEqualTo(2);
    }

    private static String withoutBlanks(String text) {
        return text.replaceAll("\\s+", "");
    }
}
