package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.pdrouter.testkit.Engine;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The options for encoders, as the launcher takes them. */
class EncodingLaunchedTest {

    private static final String MEDIA =
            "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]}]}";
    private static final byte[] PLACES = "{\"ec_transfer_params\":{\"h\":{}}}".getBytes(StandardCharsets.UTF_8);

    @Test
    void encodersAreReachedOverTlsWhenAskedFor() throws Exception {
        HttpsServer encoder = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Identity identity = SelfSigned.create(Set.of("elsewhere"));
        encoder.setHttpsConfigurator(new HttpsConfigurator(ServerTls.context(() -> identity)));
        encoder.createContext("/v1/chat/completions", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, PLACES.length);
            exchange.getResponseBody().write(PLACES);
            exchange.close();
        });
        encoder.start();
        String named =
                "x-encoder-hosts-ports: 127.0.0.1:" + encoder.getAddress().getPort();
        try (Engine decoder = Engine.start(Stack.ANSWERS);
                Launched launched = Launched.with(
                        "-port=0",
                        "-bind=127.0.0.1",
                        "-decoder-host=127.0.0.1",
                        "-vllm-port=" + decoder.port(),
                        "-connector=nixlv2",
                        "--ec-connector=ec-nixl",
                        "-enable-tls=encoder",
                        "-tls-insecure-skip-verify=encoder")) {
            int port = launched.awaitPort();
            try (RawClient client = new RawClient(port)) {
                assertThat(client.ask(RawClient.post("/v1/chat/completions", MEDIA, named))
                                .status())
                        .isEqualTo(200);
            }
            assertThat(decoder.awaitCall(0).json().at("/ec_transfer_params/h").isObject())
                    .isTrue();
        } finally {
            encoder.stop(0);
        }
    }
}
