package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.testkit.Engine;
import org.junit.jupiter.api.Test;

/** Which engines a routing header may name, as the launcher is told. */
class AllowTargetsLaunchedTest {

    private static final String CHAT = "{\"model\":\"m\",\"messages\":[]}";

    private static int ask(RawClient client, String... candidates) throws Exception {
        return client.ask(RawClient.post(
                        "/v1/chat/completions", CHAT, "x-prefiller-host-port: " + String.join(",", candidates)))
                .status();
    }

    @Test
    void candidatesThatAreNotAllowedAreLeftOutAndAreA403WhenNoneIsLeft() throws Exception {
        try (Engine allowed = Engine.start(Stack.HANDS_OVER);
                Engine other = Engine.start(Stack.HANDS_OVER);
                Engine decoder = Engine.start(Stack.ANSWERS);
                Launched launched = Launched.with(
                        "-port=0",
                        "-bind=127.0.0.1",
                        "-decoder-host=127.0.0.1",
                        "-vllm-port=" + decoder.port(),
                        "-connector=nixlv2",
                        "-allow-targets=10.0.0.0/8",
                        "-allow-targets=nobody.example,127.0.0.0/8:" + allowed.port());
                RawClient client = new RawClient(launched.awaitPort())) {
            assertThat(ask(client, other.address(), allowed.address())).isEqualTo(200);
            assertThat(allowed.awaitCall(0).text()).contains("\"max_tokens\":1");
            RawClient.Answer refused = client.ask(
                    RawClient.post("/v1/chat/completions", CHAT, "x-prefiller-host-port: " + other.address()));
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.text()).contains("Forbidden").doesNotContain(other.address());
            assertThat(ask(client, "localhost:" + allowed.port()))
                    .as("a name is in no network")
                    .isEqualTo(403);
            assertThat(other.calls()).isEmpty();
        }
    }
}
