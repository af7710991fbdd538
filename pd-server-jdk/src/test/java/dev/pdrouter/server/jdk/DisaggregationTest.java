package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import dev.pdrouter.testkit.HeaderField;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each engine is sent, byte for byte. */
class DisaggregationTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a proxy that parses and prints would not bring through. */
    private static final String ODD = "{ \"model\" : \"m\",\"messages\":[{\"role\":\"user\",\"content\":"
            + "\"a\\u00e9\\/\\ud800 <&> \\u4e2d中\"}],\r\n\t\"seed\":12345678901234567890, \"temperature\":1.0E0,"
            + "\"top_p\": 0.1000000000000000055 ,\"x\":-0,\"zz\":1,\"aa\":2,\"aa\":3,\"n\":null}\n ";

    @Test
    void theDecoderGetsTheClientsBytesAndTheHandoff() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            stack.client().ask(stack.post("/v1/chat/completions", ODD));
            String decode = stack.decode(0).text();
            assertThat(decode)
                    .isEqualTo(ODD.replace("\"n\":null}", "\"n\":null,\"kv_transfer_params\":" + Stack.HANDOFF + "}"));
        }
    }

    @Test
    void thePrefillerGetsOneTokenAndTheRestAsItWas() throws Exception {
        String body = "{\"model\":\"m\",\"messages\":[],\"max_tokens\":50,\"max_completion_tokens\":60,\"stream\":true,"
                + "\"stream_options\":{\"include_usage\":true},\"stop\":[\"x\"],\"seed\":9007199254740993}";
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            stack.client().ask(stack.post("/v1/chat/completions", body));
            String prefill = stack.prefill(0).text();
            JsonNode json = JSON.readTree(prefill);
            assertThat(prefill).contains("\"seed\":9007199254740993").startsWith("{\"model\":\"m\",\"messages\":[],");
            assertThat(json.path("max_tokens").asInt()).isEqualTo(1);
            assertThat(json.path("max_completion_tokens").asInt()).isEqualTo(1);
            assertThat(json.path("min_tokens").asInt()).isEqualTo(1);
            assertThat(json.path("stream").asBoolean(true)).isFalse();
            assertThat(json.has("stream_options")).isFalse();
            assertThat(json.has("stop")).isFalse();
            assertThat(json.path("kv_transfer_params"))
                    .isEqualTo(
                            JSON.readTree(
                                    "{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"remote_engine_id\":null,\"remote_block_ids\":null,\"remote_host\":null,\"remote_port\":null}"));
        }
    }

    @Test
    void bothLegsHaveOneRequestIdAndTheClientGetsIt() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            RawClient.Answer answer = stack.client()
                    .ask(RawClient.post(
                            "/v1/completions",
                            "{\"prompt\":\"p\"}",
                            "X-Request-Id: mine-1",
                            "Authorization: Bearer k",
                            "Accept-Encoding: gzip",
                            "x-prefiller-url: http://" + stack.prefiller.address() + "/"));
            for (EngineCall call : List.of(stack.prefill(0), stack.decode(0))) {
                assertThat(call.head().headerValues("x-request-id")).containsExactly("mine-1");
                assertThat(call.header("Authorization")).contains("Bearer k");
                assertThat(call.header("x-prefiller-url")).isEmpty();
                assertThat(call.header("Content-Type")).contains("application/json");
            }
            assertThat(stack.prefill(0).header("Accept-Encoding")).isEmpty();
            assertThat(answer.headers()).containsEntry("x-request-id", "mine-1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a,b", "a___prefill_addr_x", "a b"})
    void aRequestIdThatEnginesWouldMisreadIsReplaced(String id) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            stack.client()
                    .ask(RawClient.post(
                            "/v1/completions",
                            "{\"prompt\":\"p\"}",
                            "X-Request-Id: " + id,
                            "x-prefiller-host-port: " + stack.prefiller.address()));
            String sent = stack.prefill(0).header("x-request-id").orElseThrow();
            assertThat(sent).isNotEqualTo(id).matches("[0-9a-f-]{36}");
            assertThat(stack.decode(0).header("x-request-id")).contains(sent);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/chat/completions",
                "/v1/ch%61t/completions",
                "http://h/v1/chat/completions",
                "/v1/completions?x=1",
                "/v1/completions%0A",
                "/v1%2Fcompletions",
                "/v1/responses",
                "/v1/messages",
                "/inference/v1/generate",
                "/invocations",
                "/v1/chat/completions/batch",
                "/cohere/v2/chat"
            })
    void aClientsOwnTransferParametersReachNoEngine(String target) throws Exception {
        String body = "{\"model\":\"m\", \"kv_transfer_params\":{\"do_remote_prefill\":true}, \"ec_transfer_params\":1,"
                + "\"sampling_params\":{\"extra_args\":{\"kv_transfer_params\":{}}},\"vllm_xargs\":{\"kv_transfer_params\":\"x\"}}";
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            assertThat(stack.client().ask(RawClient.post(target, body)).status())
                    .isEqualTo(200);
            assertThat(stack.decode(0).text()).doesNotContain("transfer_params").contains("\"model\":\"m\"");
            assertThat(stack.decode(0).head().target()).isEqualTo(Stack.arrived(target));
        }
    }

    @Test
    void withoutThemARequestForTheDecoderAloneGoesOnByteForByte() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            stack.client().ask(RawClient.post("/v1/chat/completions", ODD));
            assertThat(stack.decode(0).text()).isEqualTo(ODD);
            assertThat(stack.prefiller.calls()).isEmpty();
        }
    }

    @Test
    void aRequestThatMustNotBeSplitGoesToTheDecoderAlone() throws Exception {
        String body = "{\"model\":\"m\",\"messages\":[],\"n\":2}";
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            stack.client().ask(stack.post("/v1/chat/completions", body));
            assertThat(stack.decode(0).text()).isEqualTo(body);
            assertThat(stack.prefiller.calls()).isEmpty();
        }
    }

    @Test
    void aPrefillWithoutAHandoffLeavesTheWorkToTheDecoder() throws Exception {
        String body = "{\"model\":\"m\",\"messages\":[]}";
        EngineHandler handsNothingOver = call -> call.answer(200, "application/json", "{\"kv_transfer_params\":null}");
        try (Stack stack = Stack.of(handsNothingOver, Stack.ANSWERS)) {
            assertThat(stack.client()
                            .ask(stack.post("/v1/chat/completions", body))
                            .status())
                    .isEqualTo(200);
            assertThat(stack.decode(0).text()).isEqualTo(body);
        }
    }

    @Test
    void aPrefillerThatIsOutOfServiceIsFollowedByTheNextCandidate() throws Exception {
        EngineHandler unavailable = call -> call.answer(503, "application/json", "{}");
        try (Engine gone = Engine.start(unavailable);
                Engine other = Engine.start(Stack.HANDS_OVER);
                Stack stack = Stack.of(unavailable, Stack.ANSWERS)) {
            gone.refuse();
            String candidates = gone.address() + "," + stack.prefiller.address() + " , " + other.address();
            RawClient.Answer answer = stack.client()
                    .ask(RawClient.post(
                            "/v1/chat/completions", "{\"messages\":[]}", "x-prefiller-host-port: " + candidates));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(stack.prefiller.calls()).hasSize(1);
            assertThat(other.calls()).hasSize(1);
        }
    }

    @Test
    void thePrefillersErrorIsTheClientsAnswer() throws Exception {
        EngineHandler busy = call -> call.answer(
                429,
                List.of(new HeaderField("Content-Type", "application/x-own"), new HeaderField("Retry-After", "7")),
                "{\"busy\": 1}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        try (Stack stack = Stack.of(busy, Stack.ANSWERS)) {
            RawClient.Answer answer = stack.client().ask(stack.post("/v1/chat/completions", "{\"messages\":[]}"));
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.text()).isEqualTo("{\"busy\": 1}");
            assertThat(answer.headers())
                    .containsEntry("retry-after", "7")
                    .containsEntry("content-type", "application/x-own");
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @Test
    void aPrefillWithoutAHandoffIsA502WhereOneIsRequired() throws Exception {
        EngineHandler handsNothingOver = call -> call.answer(200, "application/json", "{}");
        try (Stack stack = Stack.of(handsNothingOver, Stack.ANSWERS, builder -> builder.requireHandoff(true))) {
            assertThat(stack.client()
                            .ask(stack.post("/v1/chat/completions", "{\"messages\":[]}"))
                            .status())
                    .isEqualTo(502);
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nixl", "nixlv2"})
    void theHandoffsHostIsTheCandidatesWhereThatIsAsked(String connector) throws Exception {
        EngineHandler localhost = call -> call.answer(
                200,
                "application/json",
                "{\"kv_transfer_params\":" + Stack.HANDOFF.replace("127.0.0.1", "localhost") + "}");
        KvConnector rewriting = KvConnector.named(connector).configured(Map.of("rewrite-remote-host", "true"));
        try (Stack stack = Stack.of(localhost, Stack.ANSWERS, builder -> builder.kvConnector(rewriting))) {
            stack.client().ask(stack.post("/v1/chat/completions", "{\"messages\":[]}"));
            assertThat(stack.decode(0).text()).contains(Stack.HANDOFF);
        }
    }
}
