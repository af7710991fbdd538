package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineHandler;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The options of Mooncake, as the launcher takes them. */
class MooncakeLaunchedTest {

    private static final String CHAT = "{\"model\":\"m\",\"messages\":[]}";
    private static final EngineHandler PREFILLS =
            call -> call.answer(200, "application/json", "{\"choices\":[{\"finish_reason\":\"length\"}]}");
    private static final EngineHandler TELLS =
            call -> call.answer(200, "application/json", "{\"0\":{\"engine_id\":\"e\",\"worker_addr\":{}}}");

    @Test
    void tlsToPrefillersIsNotForTheirBootstrapServers() throws Exception {
        Identity identity = SelfSigned.create(Set.of("elsewhere"));
        try (Engine prefiller = Engine.builder(PREFILLS)
                        .tls(ServerTls.context(() -> identity))
                        .start();
                Engine bootstrap = Engine.start(TELLS);
                Engine decoder = Engine.start(Stack.ANSWERS);
                Launched launched = Launched.with(
                        "-port=0",
                        "-bind=127.0.0.1",
                        "-decoder-host=127.0.0.1",
                        "-vllm-port=" + decoder.port(),
                        "-connector=mooncake",
                        "-mooncake-bootstrap-port=" + bootstrap.port(),
                        "-enable-tls=prefiller",
                        "-tls-insecure-skip-verify=prefiller");
                RawClient client = new RawClient(launched.awaitPort())) {
            String named = "x-prefiller-host-port: " + prefiller.address();
            assertThat(client.ask(RawClient.post("/v1/chat/completions", CHAT, named))
                            .status())
                    .isEqualTo(200);
            assertThat(decoder.awaitCall(0)
                            .json()
                            .at("/kv_transfer_params/remote_bootstrap_addr")
                            .asText())
                    .isEqualTo("http://" + bootstrap.address());
        }
    }
}
