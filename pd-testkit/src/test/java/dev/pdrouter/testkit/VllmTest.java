package dev.pdrouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VllmTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String CHAT = "/v1/chat/completions";
    private static final String HOLD = "\"kv_transfer_params\":{\"do_remote_decode\":true}";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        client.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "/v1/chat/completions ; \"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":5 ; \"content\":\"([^\"]*)\"",
                "/v1/completions ; \"prompt\":\"hi\",\"max_tokens\":5 ; \"text\":\"([^\"]*)\"",
                "/v1/responses ; \"input\":\"hi\",\"max_output_tokens\":5 ; \"(?:text|delta)\":\"([^\"]*)\"",
                "/v1/messages ; \"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":5 ; \"text\":\"([^\"]*)\"",
            })
    void aHandoffGivesTheTextThatOneEngineGives(String path, String members, String text) throws Exception {
        try (VllmPrefiller prefiller = VllmPrefiller.start();
                VllmDecoder decoder = VllmDecoder.start()) {
            JsonNode told = json(post(prefiller, path, members + "," + HOLD));
            prefiller.awaitHeld(1, PATIENCE);
            String alone = found(text, post(decoder, path, members).body());
            String params = ",\"kv_transfer_params\":" + told.get("kv_transfer_params");
            assertThat(found(text, post(decoder, path, members + params).body()))
                    .isEqualTo(alone)
                    .isNotEmpty();
            assertThat(prefiller.held()).isZero();
            assertThat(decoder.transfers()).hasSize(1);
            assertThat(decoder.transfers().getFirst().handoff())
                    .isEqualTo(prefiller.handoffs().getFirst().handoff());
            assertThat(decoder.localPrefills()).isOne();
            String events = post(decoder, path, members + ",\"stream\":true").body();
            String delta = path.equals("/v1/responses") ? "\"delta\":\"([^\"]*)\"" : text;
            assertThat(found(delta, events)).isEqualTo(alone);
            assertThat(prefiller.violations()).isEmpty();
            assertThat(decoder.violations()).isEmpty();
        }
    }

    @Test
    void aHandoffIsReadOnce() throws Exception {
        try (VllmPrefiller prefiller = VllmPrefiller.start();
                VllmDecoder decoder = VllmDecoder.start()) {
            String params = "\"kv_transfer_params\":"
                    + json(post(prefiller, CHAT, chat("hi", HOLD))).get("kv_transfer_params");
            String right = post(decoder, CHAT, chat("hi", params)).body();
            assertThat(post(decoder, CHAT, chat("hi", params)).body()).isNotEqualTo(right);
            assertThat(decoder.violations()).singleElement().asString().contains("read before");
        }
    }

    @Test
    void aHandoffOfAnotherPromptIsNoticed() throws Exception {
        try (VllmPrefiller prefiller = VllmPrefiller.start();
                VllmDecoder decoder = VllmDecoder.start()) {
            JsonNode told = json(post(prefiller, CHAT, chat("hi", HOLD))).get("kv_transfer_params");
            ((ObjectNode) told).remove("tp_size");
            post(decoder, CHAT, chat("ho", "\"kv_transfer_params\":" + told));
            assertThat(decoder.violations())
                    .hasSize(2)
                    .anyMatch(what -> what.contains("another prompt"))
                    .anyMatch(what -> what.contains("tp_size"));
        }
    }

    @Test
    void aLeaseEnds() throws Exception {
        try (VllmPrefiller prefiller =
                VllmPrefiller.builder().lease(Duration.ofMillis(1)).start()) {
            post(prefiller, CHAT, chat("hi", HOLD));
            prefiller.awaitHeld(0, PATIENCE);
            assertThat(prefiller.handoffs()).hasSize(1);
            assertThat(prefiller.expired()).isOne();
        }
    }

    @Test
    void everySampleKeepsBlocksButOneIsTold() throws Exception {
        try (VllmPrefiller prefiller = VllmPrefiller.start()) {
            post(prefiller, CHAT, chat("hi", HOLD + ",\"n\":3"));
            assertThat(prefiller.held()).isEqualTo(3);
        }
    }

    @Test
    void theFirstProtocolHasItsMembersAtTopLevel() throws Exception {
        try (VllmPrefiller prefiller =
                        VllmPrefiller.builder().firstNixlProtocol().start();
                VllmDecoder decoder = VllmDecoder.builder().firstNixlProtocol().start()) {
            JsonNode told = json(post(prefiller, CHAT, chat("hi", "\"do_remote_decode\":true")));
            assertThat(told.has("kv_transfer_params")).isFalse();
            String members = "\"do_remote_prefill\":true"
                    + Pattern.compile(",")
                            .splitAsStream("remote_block_ids,remote_engine_id,remote_host,remote_port")
                            .map(name -> ",\"" + name + "\":" + told.get(name))
                            .collect(Collectors.joining());
            post(decoder, CHAT, chat("hi", members));
            assertThat(decoder.transfers()).hasSize(1);
            assertThat(decoder.violations()).isEmpty();
        }
    }

    @Test
    void anOrderToReadWithoutCoordinatesEndsTheEngine() throws Exception {
        try (VllmDecoder decoder = VllmDecoder.start()) {
            String deadly = "\"kv_transfer_params\":{\"do_remote_prefill\":true}";
            assertThatThrownBy(() -> post(decoder, CHAT, chat("hi", deadly))).isInstanceOf(IOException.class);
            assertThat(decoder.isDead()).isTrue();
            assertThat(decoder.violations()).hasSize(1);
            assertThatThrownBy(() -> post(decoder, CHAT, chat("hi", "\"n\":1"))).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void aRefusalOfTheServingLayerFreesTheBlocks() throws Exception {
        try (VllmPrefiller prefiller = VllmPrefiller.start();
                VllmDecoder decoder = VllmDecoder.builder().models("m").start()) {
            String params = "\"kv_transfer_params\":"
                    + json(post(prefiller, CHAT, chat("hi", HOLD))).get("kv_transfer_params");
            assertThat(post(decoder, CHAT, chat("hi", params + ",\"n\":\"x\"")).statusCode())
                    .isEqualTo(400);
            assertThat(prefiller.held()).isOne();
            HttpResponse<String> refusal = post(decoder, CHAT, chat("hi", params + ",\"model\":\"none\""));
            assertThat(refusal.statusCode()).isEqualTo(404);
            assertThat(prefiller.held()).isZero();
            assertThat(decoder.released()).isOne();
            assertThat(decoder.transfers()).isEmpty();
        }
    }

    @Test
    void aPeerThatLeavesHasItsRequestAborted() throws Exception {
        try (VllmPrefiller prefiller =
                VllmPrefiller.builder().pace(Pace.every(Duration.ofHours(1))).start()) {
            CompletableFuture<?> answer =
                    client.sendAsync(request(prefiller, CHAT, chat("hi", HOLD)), HttpResponse.BodyHandlers.ofString());
            EngineCall call = prefiller.engine().awaitCall(0);
            answer.cancel(true);
            call.awaitGone(PATIENCE);
            prefiller.awaitAborted(1, PATIENCE);
            assertThat(prefiller.handoffs()).isEmpty();
        }
    }

    @Test
    void cachedTokensAreThePrefillers() throws Exception {
        try (VllmPrefiller prefiller = VllmPrefiller.builder().cachedTokens(7).start();
                VllmPrefiller older =
                        VllmPrefiller.builder().withoutCachedTokens().start();
                VllmDecoder decoder =
                        VllmDecoder.builder().promptTokensDetails().start()) {
            for (Map.Entry<VllmPrefiller, String> each :
                    Map.of(prefiller, "7", older, "all").entrySet()) {
                String params = "\"kv_transfer_params\":"
                        + json(post(each.getKey(), CHAT, chat("hi", HOLD))).get("kv_transfer_params");
                JsonNode usage = json(post(decoder, CHAT, chat("hi", params))).get("usage");
                assertThat(usage.at("/prompt_tokens_details/cached_tokens").asText())
                        .isEqualTo(
                                each.getValue().equals("all")
                                        ? usage.get("prompt_tokens").asText()
                                        : each.getValue());
            }
            assertThat(decoder.violations()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/v1/chat/completions | {\"messages\":[] | 400 | {\"error\":{\"message\":\"[{'type': 'json_invalid'",
                "/v1/chat/completions | [] | 400 | {\"error\":{\"message\":\"[{'type': 'model_attributes_type'",
                "/v1/chat/completions | {\"model\":\"m\"} | 400 | 'loc': ('body', 'messages'), 'msg': 'Field required'",
                "/v1/completions | {\"model\":\"m\"} | 400 | \"type\":\"Bad Request\",\"param\":null,\"code\":400}}",
                "/v1/completions | {\"model\":\"m\",\"prompt\":\"a\",\"stream_options\":{}} | 400 | Stream options can only",
                "/v1/completions | {\"model\":\"m\",\"prompt\":\"a\",\"max_tokens\":1,\"min_tokens\":2} | 400 | \"type\":\"BadRequestError\"",
                "/v1/completions | {\"model\":\"x\",\"prompt\":\"a\"} | 404 | \"type\":\"NotFoundError\",\"param\":\"model\",\"code\":404",
                "/v1/messages | {\"model\":\"x\",\"messages\":[],\"max_tokens\":1} | 404 | {\"type\":\"error\",\"error\":{\"type\":\"NotFoundError\"",
                "/v1/messages | {\"model\":\"m\",\"messages\":[]} | 400 | {\"error\":{\"message\":\"[{'type': 'missing'",
                "/inference/v1/generate | {\"token_ids\":[1],\"sampling_params\":{}} | 403 | scale-out",
                "/v1/nothing | {} | 404 | {\"detail\":\"Not Found\"}",
            })
    void refusesAsVllmDoes(String path, String body, int status, String part) throws Exception {
        try (VllmDecoder decoder = VllmDecoder.builder().models("m").start()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(decoder.engine().uri(path))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(status);
            assertThat(answer.body()).contains(part);
        }
    }

    @Test
    void wantsJsonAndNoRoutingHeaders() throws Exception {
        try (VllmDecoder decoder = VllmDecoder.start()) {
            HttpRequest text = HttpRequest.newBuilder(decoder.engine().uri(CHAT))
                    .header("X-Prefiller-Host-Port", "a:1")
                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                    .build();
            HttpResponse<String> answer = client.send(text, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("Unsupported Media Type");
            assertThat(decoder.violations()).singleElement().asString().contains("x-prefiller-host-port");
        }
    }

    @Test
    void streamsUsageWhenAskedAndEndsWithDone() throws Exception {
        try (VllmDecoder decoder = VllmDecoder.start()) {
            String body = post(
                            decoder,
                            CHAT,
                            chat("hi", "\"max_tokens\":3,\"stream\":true,\"stream_options\":{\"include_usage\":true}"))
                    .body();
            assertThat(body).endsWith("\n\ndata: [DONE]\n\n").contains("\"completion_tokens\":3");
            assertThat(body.split("\n\n")).hasSize(1 + 3 + 1 + 1);
            String metrics = get(decoder, "/metrics");
            assertThat(metrics).contains("vllm:nixl_xfer_time_seconds_count{engine=\"0\"} 0.0\n");
            assertThat(get(decoder, "/v1/models")).contains("\"object\":\"list\"");
        }
    }

    @Test
    void aTestCanAnswerTheNextRequest() throws Exception {
        try (VllmPrefiller prefiller = VllmPrefiller.start()) {
            prefiller.answerNext(call -> call.answer(503, "text/plain", "busy"));
            assertThat(post(prefiller, CHAT, chat("hi", HOLD)).statusCode()).isEqualTo(503);
            assertThat(post(prefiller, CHAT, chat("hi", HOLD)).statusCode()).isEqualTo(200);
            assertThat(prefiller.requests()).isOne();
        }
    }

    private static String chat(String content, String members) {
        return "\"messages\":[{\"role\":\"user\",\"content\":\"" + content + "\"}]," + members;
    }

    private static HttpRequest request(VllmEngine engine, String path, String members) {
        String model = members.contains("\"model\"") ? "" : "\"model\":\"m\",";
        return HttpRequest.newBuilder(engine.engine().uri(path))
                .header("Content-Type", "application/json")
                .header("X-Request-Id", "r1")
                .POST(HttpRequest.BodyPublishers.ofString("{" + model + members + "}"))
                .build();
    }

    private HttpResponse<String> post(VllmEngine engine, String path, String members)
            throws IOException, InterruptedException {
        return client.send(request(engine, path, members), HttpResponse.BodyHandlers.ofString());
    }

    private String get(VllmEngine engine, String path) throws IOException, InterruptedException {
        HttpRequest get = HttpRequest.newBuilder(engine.engine().uri(path)).build();
        return client.send(get, HttpResponse.BodyHandlers.ofString()).body();
    }

    private static JsonNode json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(200);
        return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8)).orElseThrow();
    }

    private static String found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(result -> result.group(1))
                .collect(Collectors.joining());
    }
}
