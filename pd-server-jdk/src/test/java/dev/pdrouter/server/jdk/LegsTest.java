package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.OnPrefillFailure;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which headers and which requests reach the engines of both legs. */
class LegsTest {

    private static final EngineHandler ENDS_BY_LENGTH = call -> call.answer(
            200,
            "application/json",
            "{\"choices\":[{\"finish_reason\":\"length\"}],\"kv_transfer_params\":" + Stack.HANDOFF + "}");

    @ParameterizedTest
    @CsvSource({"nixl", "nixlv2", "sglang", "shared-storage", "lmcache", "offloading"})
    void hopByHopAndRoutingHeadersStayAndOthersGoToBoth(String connector) throws Exception {
        try (Stack stack =
                Stack.of(ENDS_BY_LENGTH, Stack.ANSWERS, builder -> builder.kvConnector(KvConnector.named(connector)))) {
            stack.client()
                    .ask(RawClient.post(
                            "/v1/chat/completions",
                            "{\"messages\":[]}",
                            "x-prefiller-host-port: " + stack.prefiller.address(),
                            "x-prefiller-url: http://" + stack.prefiller.address(),
                            "x-encoder-hosts-ports: ",
                            "x-data-parallel-host-port: ",
                            "x-override-rid: 1",
                            "Connection: X-Hop, keep-alive",
                            "X-Hop: 1",
                            "TE: trailers",
                            "Proxy-Authorization: Basic x",
                            "Content-Encoding: identity",
                            "traceparent: 00-1-2-01",
                            "tracestate: a=b",
                            "baggage: c=d",
                            "X-Mine: a",
                            "X-Mine: b"));
            for (EngineCall leg : List.of(stack.prefill(0), stack.decode(0))) {
                for (String name : List.of(
                        "x-prefiller-host-port",
                        "x-prefiller-url",
                        "x-encoder-hosts-ports",
                        "x-data-parallel-host-port",
                        "x-override-rid",
                        "X-Hop",
                        "TE",
                        "Proxy-Authorization")) {
                    assertThat(leg.header(name)).as(name).isEmpty();
                }
                assertThat(leg.header("traceparent")).contains("00-1-2-01");
                assertThat(leg.header("tracestate")).contains("a=b");
                assertThat(leg.header("baggage")).contains("c=d");
                assertThat(leg.head().headerValues("X-Mine")).containsExactly("a", "b");
                assertThat(leg.head().headerValues("Content-Type")).containsExactly("application/json");
                assertThat(leg.head().headerValues("x-request-id")).hasSize(1);
            }
            assertThat(stack.prefill(0).header("Host")).contains(stack.prefiller.address());
            assertThat(stack.decode(0).header("Host")).contains(stack.decoder.address());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "shared-storage, /v1/chat/completions, cache_hit_threshold",
        "offloading, /v1/messages, thinking",
        "sglang, /v1/responses, request_id",
        "nixl-push, /v1/responses, request_id"
    })
    void aMemberThatItsConnectorReadsOrSetsMustNotOccurTwice(String connector, String path, String member)
            throws Exception {
        String body = "{\"" + member + "\":null,\"" + member + "\":null}";
        try (Stack stack =
                Stack.of(ENDS_BY_LENGTH, Stack.ANSWERS, builder -> builder.kvConnector(KvConnector.named(connector)))) {
            RawClient.Answer answer = stack.client().ask(stack.post(path, body));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).contains(member);
            assertThat(stack.prefiller.calls()).isEmpty();
            assertThat(stack.decoder.calls()).isEmpty();
            assertThat(stack.client().ask(RawClient.post(path, body)).status()).isEqualTo(200);
            assertThat(stack.decode(0).text()).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/chat/completions",
                "/v1/completions",
                "/v1/messages",
                "/v1/responses",
                "/invocations",
                "/v1/chat/completions/batch",
                "/generate"
            })
    void aClientsOwnRoomReachesNoSglangEngine(String path) throws Exception {
        String body = "{\"bootstrap_host\":\"evil\",\"model\":\"m\",\"bootstrap_port\":1,\"b\\u006fotstrap_room\":7,"
                + "\"bootstrap_pair_key\":\"k\",\"bootstrap\\u005fn\\u00e9w\":{},\"rid\":[\"r\"],\"bootstrap\":1}";
        try (Stack stack =
                Stack.of(ENDS_BY_LENGTH, Stack.ANSWERS, builder -> builder.kvConnector(KvConnector.named("sglang")))) {
            stack.client().ask(RawClient.post(path, body));
            assertThat(stack.decode(0).text()).isEqualTo("{\"model\":\"m\",\"bootstrap\":1}");
            stack.client().ask(stack.post(path, body));
            assertThat(stack.decode(1).text())
                    .doesNotContain("bootstrap_pair_key", "u00e9", "evil")
                    .startsWith("{\"model\":\"m\",\"bootstrap\":1");
            if (!stack.prefiller.calls().isEmpty()) {
                assertThat(stack.prefill(0).text()).isEqualTo(stack.decode(1).text());
            }
        }
    }

    @Test
    void aMemberThatBeginsAsSglangsDoMustNotOccurTwice() throws Exception {
        String body = "{\"model\":\"m\",\"bootstrap_pair_key\":1,\"b\\u006fotstrap_pair_key\":2}";
        try (Stack stack =
                Stack.of(ENDS_BY_LENGTH, Stack.ANSWERS, builder -> builder.kvConnector(KvConnector.named("sglang")))) {
            RawClient.Answer answer = stack.client().ask(RawClient.post("/v1/chat/completions", body));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).contains("more than one bootstrap_*");
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @Test
    void sglangsOwnEndpointIsReadForSglangAlone() throws Exception {
        String body = "{\"text\":\"t\",\"rid\":\"mine\", \"sampling_params\" : {\"max_new_tokens\":4} }";
        for (String connector : List.of("nixl", "sglang")) {
            try (Stack stack = Stack.of(
                    ENDS_BY_LENGTH, Stack.ANSWERS, builder -> builder.kvConnector(KvConnector.named(connector)))) {
                assertThat(status(stack, stack.post("/generate", body))).isEqualTo(200);
                assertThat(stack.prefiller.calls()).hasSize(connector.equals("sglang") ? 1 : 0);
                String sent = stack.decode(0).text();
                if (connector.equals("sglang")) {
                    assertThat(stack.prefill(0).text()).isEqualTo(sent);
                    assertThat(sent)
                            .matches(
                                    "\\{\"text\":\"t\", \"sampling_params\" : \\{\"max_new_tokens\":4} ?,\"bootstrap_host\":"
                                            + "\"127.0.0.1\",\"bootstrap_port\":8998,\"bootstrap_room\":[0-9]+,"
                                            + "\"rid\":\"[0-9a-f-]+\" ?}");
                    assertThat(status(stack, stack.post("/generate", "{\"text\":\"t\",\"rid\":1,\"rid\":2}")))
                            .isEqualTo(400);
                    assertThat(status(stack, stack.post("/generate", "no JSON")))
                            .isEqualTo(400);
                    assertThat(status(stack, "GET /generate HTTP/1.1\r\nHost: h\r\n\r\n"))
                            .isEqualTo(200);
                } else {
                    assertThat(sent).isEqualTo(body);
                    assertThat(status(stack, stack.post("/generate", "no JSON")))
                            .isEqualTo(200);
                }
            }
        }
    }

    @Test
    void aDecoderInMoriIosReadModeIsNeverAskedWithoutAHandoff() throws Exception {
        KvConnector reads = KvConnector.named("moriio").configured(Map.of("moriio-write-mode", "false"));
        EngineHandler sometimesHandsOver = call -> {
            if (call.text().contains("\"hand over\"")) {
                ENDS_BY_LENGTH.handle(call);
            } else {
                call.answer(200, "application/json", "{\"choices\":[{\"finish_reason\":\"stop\"}]}");
            }
        };
        try (Stack stack = Stack.of(sometimesHandsOver, Stack.ANSWERS, builder -> builder.kvConnector(reads)
                .onPrefillFailure(OnPrefillFailure.DECODE))) {
            String chat = "/v1/chat/completions";
            assertThat(status(stack, RawClient.post(chat, "{}"))).isEqualTo(400);
            assertThat(status(stack, RawClient.post("/invocations", "{}"))).isEqualTo(400);
            assertThat(status(stack, stack.post(chat, "{\"n\":2}"))).isEqualTo(400);
            assertThat(status(stack, stack.post(chat, "{}"))).isEqualTo(502);
            assertThat(stack.decoder.calls()).isEmpty();
            assertThat(status(stack, stack.post(chat, "{\"messages\":\"hand over\"}")))
                    .isEqualTo(200);
            assertThat(stack.decode(0).text()).contains(Stack.HANDOFF);
        }
    }

    private static int status(Stack stack, String request) throws Exception {
        return stack.client().ask(request).status();
    }

    @Test
    void twoIdsOfAClientBecomeOne() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            stack.client()
                    .ask(RawClient.post(
                            "/v1/completions",
                            "{\"prompt\":\"p\"}",
                            "X-Request-Id: one",
                            "x-request-id: two",
                            "x-prefiller-host-port: " + stack.prefiller.address()));
            for (EngineCall leg : List.of(stack.prefill(0), stack.decode(0))) {
                assertThat(leg.head().headerValues("x-request-id")).containsExactly("one");
            }
        }
    }
}
