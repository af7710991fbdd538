package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.PdRouter;
import dev.pdrouter.Target;
import dev.pdrouter.TargetPolicy;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.EnginePair;
import dev.pdrouter.testkit.Pace;
import dev.pdrouter.testkit.SglangEngine;
import dev.pdrouter.testkit.VllmPrefiller;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that would end an engine, strand its blocks or mix prompts up: no engine gets them. */
class StrictEnginesTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";
    private static final String MESSAGES = "\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    /** Engines of one protocol and the sidecar's server before them. */
    private record Between(EnginePair engines, PdRouter router, JdkServer server) implements AutoCloseable {

        static Between start(String connector) throws Exception {
            return start(connector, Map.of());
        }

        static Between start(String connector, Map<String, String> options) throws Exception {
            EnginePair engines = EnginePair.speaking(connector).start(Pace.none(), Pace.none());
            PdRouter router = PdRouter.builder()
                    .decoder(Target.parse(engines.decoder().address()))
                    .kvConnector(KvConnector.named(connector)
                            .configured(engines.options())
                            .configured(options))
                    .targets(TargetPolicy.any())
                    .build();
            return new Between(
                    engines,
                    router,
                    JdkServer.start(router, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null));
        }

        RawClient.Answer ask(String path, String body) throws Exception {
            try (RawClient client = new RawClient(server.port())) {
                String prefiller =
                        "x-prefiller-host-port: " + engines.prefiller().address();
                return client.ask(RawClient.post(path, body, prefiller));
            }
        }

        @Override
        public void close() {
            server.close();
            router.close();
            engines.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nixl", "nixlv2", "nixl-push", "mooncake", "moriio", "offloading"})
    void whatOneHandoffCannotServeIsTheDecodersAlone(String connector) throws Exception {
        try (Between all = Between.start(connector)) {
            assertThat(all.ask(CHAT, "{" + MESSAGES + ",\"n\":3}").status()).isEqualTo(200);
            assertThat(all.ask(COMPLETIONS, "{\"model\":\"m\",\"prompt\":[\"a\",\"b\"]}")
                            .status())
                    .isEqualTo(200);
            assertThat(all.engines().prefiller().requests()).isZero();
            assertThat(all.engines().decoder().requests()).isEqualTo(2);
            assertThat(all.engines().violations()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shared-storage", "lmcache"})
    void whereNothingIsHandedOverSeveralSamplesAreSplitToo(String connector) throws Exception {
        try (Between all = Between.start(connector)) {
            RawClient.Answer answer = all.ask(CHAT, "{" + MESSAGES + ",\"n\":3}");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).contains("\"index\":2");
            assertThat(all.engines().decoder().transfers()).hasSize(1);
            assertThat(all.engines().violations()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"nixl-push,tp_size", "nixl-push,remote_request_id"})
    void aHandoffThatWouldEndTheDecoderIsNotSentToIt(String connector, String missing) throws Exception {
        try (Between all = Between.start(connector)) {
            String handoff = "{\"kv_transfer_params\":" + Stack.HANDOFF.replace(missing, "x_" + missing) + "}";
            all.engines().prefiller().answerNext(call -> call.answer(200, "application/json", handoff));
            assertThat(all.ask(CHAT, "{" + MESSAGES + "}").status()).isEqualTo(502);
            assertThat(all.engines().decoder().engine().calls()).isEmpty();
            assertThat(all.ask(CHAT, "{" + MESSAGES + "}").status()).isEqualTo(200);
            assertThat(all.engines().violations()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nixl", "nixlv2", "nixl-push"})
    void aDecoderThatRefusesTheRequestLeavesNothingOnThePrefiller(String connector) throws Exception {
        try (Between all = Between.start(connector)) {
            all.engines().decoder().answerNext(call -> call.answer(400, "application/json", "{}"));
            assertThat(all.ask(CHAT, "{" + MESSAGES + "}").status()).isEqualTo(400);
            ((VllmPrefiller) all.engines().prefiller()).awaitHeld(0, Duration.ofSeconds(20));
            assertThat(all.engines().prefiller().requests()).isOne();
            assertThat(all.engines().violations()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"stream\":true"})
    void aListOfPromptsMeetsInSglangsRooms(String stream) throws Exception {
        try (Between all = Between.start("sglang")) {
            String body = "{\"model\":\"m\",\"prompt\":[\"a\",\"b\",\"c\"],\"max_tokens\":4" + stream + "}";
            RawClient.Answer answer = all.ask(COMPLETIONS, body);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).contains("\"index\":2");
            assertThat(all.engines().decoder().transfers()).hasSize(3);
            assertThat(all.engines().violations()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"text\":\"hi\",\"sampling_params\":{\"max_new_tokens\":4,\"temperature\":0} | 1",
                "\"text\":\"hi\"                                                              | 1",
                "\"input_ids\":[1,2,3],\"sampling_params\":{\"max_new_tokens\":4}             | 1",
                "\"text\":[\"a\",\"b\",\"c\"],\"sampling_params\":{\"max_new_tokens\":4}        | 3",
                "\"text\":[\"a\",\"b\"],\"sampling_params\":[{\"n\":1},{}]                      | 2",
            })
    void sglangsOwnEndpointMeetsInItsRooms(String members, int prompts) throws Exception {
        for (boolean stream : new boolean[] {false, true}) {
            try (Between all = Between.start("sglang")) {
                RawClient.Answer answer = all.ask("/generate", "{" + members + ",\"stream\":" + stream + "}");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.text()).contains("\"finish_reason\":{\"type\":");
                assertThat(answer.text().endsWith("data: [DONE]\n\n")).isEqualTo(stream);
                assertThat(all.engines().decoder().transfers()).hasSize(prompts);
                assertThat(all.engines().violations()).isEmpty();
            }
        }
    }

    @Test
    void anSglangEngineIsToldByItsWholeIdThatItsRequestIsOver() throws Exception {
        try (Between all = Between.start("sglang")) {
            all.engines().prefiller().answerNext(call -> {
                all.engines().decoder().engine().awaitCall(0);
                call.answer(500, "application/json", "{}");
            });
            assertThat(all.ask(CHAT, "{" + MESSAGES + "}").status()).isEqualTo(500);
            SglangEngine decoder = (SglangEngine) all.engines().decoder();
            String rid = decoder.engine().awaitCall(0).json().path("rid").asText();
            assertThat(decoder.engine().awaitCall(1).json().path("rid").asText())
                    .isEqualTo(rid);
            decoder.awaitAborted(1, Duration.ofSeconds(20));
            assertThat(all.engines().violations()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "true"})
    void aMooncakePrefillerThatHasRestartedWorksAfterOneFailure(String first) throws Exception {
        try (Between all = Between.start("mooncake", Map.of("mooncake-prefill-first", first))) {
            assertThat(all.ask(CHAT, "{" + MESSAGES + "}").status()).isEqualTo(200);
            VllmPrefiller prefiller = (VllmPrefiller) all.engines().prefiller();
            prefiller.engine().refuse();
            prefiller.restart();
            assertThat(all.ask(CHAT, "{" + MESSAGES + "}").status()).isEqualTo(502);
            prefiller.engine().listen();
            assertThat(all.ask(CHAT, "{" + MESSAGES + "}").status()).isEqualTo(200);
            assertThat(all.engines().decoder().transfers()).hasSize(2);
            assertThat(prefiller.bootstrap().calls()).hasSize(2);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "shared-storage,",
        "shared-storage,', \"stream\":true'",
    })
    void aDecoderThatDeclinesIsAskedAgainOnceThePrefillerHasFilledTheStore(String connector, String stream)
            throws Exception {
        try (Between all = Between.start(connector)) {
            String body = "{" + MESSAGES + ",\"cache_hit_threshold\":0.8" + (stream == null ? "" : stream) + "}";
            RawClient.Answer first = all.ask(CHAT, body);
            assertThat(first.status()).isEqualTo(200);
            assertThat(first.text()).doesNotContain("cache_threshold");
            assertThat(all.engines().prefiller().requests()).isOne();
            assertThat(all.ask(CHAT, body).status()).isEqualTo(200);
            assertThat(all.engines().prefiller().requests()).isOne();
            assertThat(all.engines().decoder().requests()).isEqualTo(3);
            assertThat(all.engines().decoder().transfers()).hasSize(2);
            assertThat(all.engines().violations()).isEmpty();
        }
    }
}
