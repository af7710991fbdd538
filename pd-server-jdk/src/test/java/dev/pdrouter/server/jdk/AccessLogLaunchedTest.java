package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pdrouter.testkit.Engine;
import java.net.ConnectException;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

/** The access log of the launcher. */
class AccessLogLaunchedTest {

    private static final String CHAT = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"secret\"}]}";

    private static Launched launched(Engine decoder, String... more) throws Exception {
        String[] arguments = {
            "-port=0",
            "-bind=127.0.0.1",
            "-decoder-host=127.0.0.1",
            "-vllm-port=" + decoder.port(),
            "-connector=nixlv2",
            "-access-log"
        };
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return Launched.with(all);
    }

    @Test
    void eachRequestIsALineThatSaysWhoDidWhatAndHowItEnded() throws Exception {
        try (Engine prefiller = Engine.start(Stack.HANDS_OVER);
                Engine decoder = Engine.start(Stack.ANSWERS);
                Launched launched = launched(decoder);
                RawClient client = new RawClient(launched.awaitPort())) {
            client.ask(RawClient.post(
                    "/v1/chat/completions",
                    CHAT,
                    "x-request-id: r-1",
                    "x-prefiller-host-port: " + prefiller.address()));
            assertThat(launched.awaitLine("access"))
                    .matches(".* INFO  access request=r-1 method=POST path=/v1/chat/completions status=200"
                            + " outcome=answered ms=[\\d.]+ first_byte_ms=[\\d.]+"
                            + " prefiller=" + prefiller.address() + " prefill_ms=[\\d.]+ prefill_status=200"
                            + " decoder=127.0.0.1:" + decoder.port() + " decode_ms=[\\d.]+ decode_status=200");
            client.ask(RawClient.post("/v1/chat/completions", "{", "x-request-id: r-2"));
            assertThat(launched.awaitLine("access"))
                    .matches(".* access request=r-2 method=POST path=/v1/chat/completions status=400"
                            + " outcome=refused ms=[\\d.]+");
            client.ask("GET /a%20%22b%0ac HTTP/1.1\r\nHost: r\r\n\r\n");
            assertThat(launched.awaitLine("access")).contains(" method=GET path=\"/a \\\"b\\nc\" status=200 ");
        }
    }

    @Test
    void forMachinesItIsMembersAndTheLevelOfTheLogIsNoMatter() throws Exception {
        int port = freePort();
        try (Engine prefiller = Engine.start(call -> call.reset());
                Engine decoder = Engine.start(Stack.ANSWERS);
                Launched launched = launched(
                        decoder,
                        "-port=" + port,
                        "-log-format=json",
                        "-log-level=error",
                        "-on-prefill-failure=decode");
                RawClient client = connected(port)) {
            client.ask(RawClient.post(
                    "/v1/chat/completions",
                    CHAT,
                    "x-request-id: r-1",
                    "x-prefiller-host-port: " + prefiller.address()));
            JsonNode line = new ObjectMapper().readTree(launched.awaitLine("\"access\""));
            assertThat(line.get("logger").asText()).isEqualTo("dev.pdrouter.access");
            assertThat(line.get("request").asText()).isEqualTo("r-1");
            assertThat(line.get("status").isInt()).isTrue();
            assertThat(line.get("ms").isNumber()).isTrue();
            assertThat(line.get("prefiller").asText()).isEqualTo(prefiller.address());
            assertThat(line.has("prefill_status")).isFalse();
            assertThat(line.get("failed_over").asInt()).isEqualTo(1);
            assertThat(line.get("decoder_alone").asText()).isNotEmpty();
            assertThat(line.toString()).doesNotContain("secret");
        }
    }

    /** At this level nothing says that it is up. */
    private static RawClient connected(int port) throws Exception {
        long end = System.nanoTime() + 20_000_000_000L;
        while (true) {
            try {
                return new RawClient(port);
            } catch (ConnectException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
            }
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void aPathIsAsLongAsALineMayBeAndHasNoQuery() throws Exception {
        try (Engine decoder = Engine.start(Stack.ANSWERS);
                Launched launched = launched(decoder);
                RawClient client = new RawClient(launched.awaitPort())) {
            client.ask("GET /" + "a".repeat(5000) + " HTTP/1.1\r\nHost: r\r\n\r\n");
            assertThat(launched.awaitLine("access")).contains(" path=/" + "a".repeat(999) + "... status=200 ");
            client.ask("GET /models%3Fkey=secret?key=secret HTTP/1.1\r\nHost: r\r\n\r\n");
            assertThat(launched.awaitLine("access"))
                    .contains(" path=/models status=200 ")
                    .doesNotContain("secret");
            client.ask("GET /%c2%9b%e2%80%ae HTTP/1.1\r\nHost: r\r\n\r\n");
            assertThat(launched.awaitLine("access")).contains(" path=\"/\\u009b\\u202e\" ");
        }
    }
}
