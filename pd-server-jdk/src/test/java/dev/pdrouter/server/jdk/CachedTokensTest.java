package dev.pdrouter.server.jdk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.AnswerPieces;
import dev.pdrouter.testkit.EngineHandler;
import dev.pdrouter.testkit.HeaderField;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which count of cached tokens the client is told. */
class CachedTokensTest {

    private static final String PATH = "/v1/chat/completions";
    private static final String CHAT = "{\"model\":\"m\",\"messages\":[]}";

    private static EngineHandler prefiller(String usage) {
        return call -> call.answer(
                200, "application/json", "{\"usage\":" + usage + ",\"kv_transfer_params\":" + Stack.HANDOFF + "}");
    }

    private static String details(String cached) {
        return "{\"prompt_tokens\":48,\"prompt_tokens_details\":" + cached + "}";
    }

    private static String usage(String cached) {
        return details("{\"cached_tokens\":" + cached + "}");
    }

    private static EngineHandler answers(String json) {
        return call -> call.answer(200, "application/json", json);
    }

    private static String decoders(String usage) {
        return "{ \"id\" : \"d\",\"choices\":[{\"text\":\"\\\"usage\\\" \\u00e9\"}],\"usage\":" + usage + " }\n";
    }

    @ParameterizedTest
    @CsvSource({"/v1/chat/completions, nixlv2", "/v1/completions, nixl", "/inference/v1/generate, nixlv2"})
    void theDecodersCountIsReplacedByThePrefillers(String path, String connector) throws Exception {
        try (Stack stack = Stack.of(
                prefiller(usage("7")),
                answers(decoders(usage("47"))),
                builder -> builder.kvConnector(KvConnector.named(connector)))) {
            RawClient.Answer answer = stack.client().ask(stack.post(path, CHAT));
            assertThat(answer.text()).isEqualTo(decoders(usage("7")));
            assertThat(answer.headers()).containsEntry("content-length", String.valueOf(answer.body().length));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{}",
                "{\"prompt_tokens_details\":null}",
                "{\"prompt_tokens_details\":{\"cached_tokens\":-1}}"
            })
    void aPrefillerThatSaysNothingHadNothing(String usage) throws Exception {
        try (Stack stack = Stack.of(prefiller(usage), answers(decoders(usage("47"))))) {
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).text()).isEqualTo(decoders(usage("0")));
        }
    }

    @Test
    void aPrefillerOfTheFirstNixlProtocolIsBelievedToo() throws Exception {
        EngineHandler first = answers("{\"usage\":" + usage("16")
                + ",\"remote_block_ids\":[1],\"remote_engine_id\":\"e\",\"remote_host\":\"h\",\"remote_port\":1}");
        try (Stack stack = Stack.of(
                first, answers(decoders(usage("47"))), builder -> builder.kvConnector(KvConnector.named("nixl")))) {
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).text()).isEqualTo(decoders(usage("16")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "{}", "{\"cached_tokens\":null}"})
    void whatTheDecoderDoesNotSayIsNotAdded(String details) throws Exception {
        try (Stack stack = Stack.of(prefiller(usage("7")), answers(decoders(details(details))))) {
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).text()).isEqualTo(decoders(details(details)));
        }
    }

    @Test
    void aHandoffThatNamesTheCountLeavesTheAnswerAndItsCodingToTheDecoder() throws Exception {
        String handoff = Stack.HANDOFF.replace("}", ",\"remote_prefill_cached_tokens\":0}");
        EngineHandler current = answers("{\"usage\":" + usage("7") + ",\"kv_transfer_params\":" + handoff + "}");
        try (Stack stack = Stack.of(current, answers(decoders(usage("47"))))) {
            RawClient.Answer answer = stack.client()
                    .ask(RawClient.post(
                            PATH,
                            CHAT,
                            "Accept-Encoding: gzip",
                            "x-prefiller-host-port: " + stack.prefiller.address()));
            assertThat(answer.text()).isEqualTo(decoders(usage("47")));
            assertThat(stack.decode(0).header("Accept-Encoding")).contains("gzip");
        }
    }

    @Test
    void anAnswerThatIsLookedIntoIsAskedForWithoutACoding() throws Exception {
        try (Stack stack = Stack.of(prefiller(usage("7")), answers(decoders(usage("47"))))) {
            stack.client()
                    .ask(RawClient.post(
                            PATH,
                            CHAT,
                            "Accept-Encoding: gzip",
                            "x-prefiller-host-port: " + stack.prefiller.address()));
            assertThat(stack.decode(0).header("Accept-Encoding")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/responses", "/v1/messages"})
    void usageOfAnotherShapeIsLeftAlone(String path) throws Exception {
        try (Stack stack = Stack.of(prefiller(usage("7")), answers(decoders(usage("47"))))) {
            assertThat(stack.client().ask(stack.post(path, CHAT)).text()).isEqualTo(decoders(usage("47")));
        }
    }

    @Test
    void aPrefillWithoutAHandoffLeavesTheDecodersCount() throws Exception {
        try (Stack stack = Stack.of(answers("{\"usage\":" + usage("7") + "}"), answers(decoders(usage("47"))))) {
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).text()).isEqualTo(decoders(usage("47")));
        }
    }

    @ParameterizedTest
    @CsvSource({"404, application/json, ", "200, text/plain, ", "200, application/json, gzip"})
    void anAnswerOfAnotherKindIsLeftAlone(int status, String type, String coding) throws Exception {
        byte[] body = decoders(usage("47")).getBytes(UTF_8);
        List<HeaderField> headers = coding == null
                ? List.of(new HeaderField("Content-Type", type))
                : List.of(new HeaderField("Content-Type", type), new HeaderField("Content-Encoding", coding));
        try (Stack stack = Stack.of(prefiller(usage("7")), call -> call.answer(status, headers, body))) {
            RawClient.Answer answer = stack.client().ask(stack.post(PATH, CHAT));
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.body()).isEqualTo(body);
        }
    }

    @Test
    void jsonInChunksHasItsCountReplaced() throws Exception {
        EngineHandler inChunks = call -> {
            AnswerPieces pieces = call.begin(200, List.of(new HeaderField("Content-Type", "application/json")));
            for (byte each : decoders(usage("47")).getBytes(UTF_8)) {
                pieces.send(new byte[] {each});
            }
            pieces.end();
        };
        try (Stack stack = Stack.of(prefiller(usage("100")), inChunks)) {
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).text()).isEqualTo(decoders(usage("100")));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void jsonThatIsTooLargePassesAsItIs(boolean inChunks) throws Exception {
        byte[] large = decoders(usage("47"))
                .replace("\"d\"", "\"" + "x".repeat(5 << 20) + "\"")
                .getBytes(UTF_8);
        EngineHandler decoder = call -> {
            if (inChunks) {
                AnswerPieces pieces = call.begin(200, List.of(new HeaderField("Content-Type", "application/json")));
                pieces.send(large);
                pieces.end();
            } else {
                call.answer(200, List.of(new HeaderField("Content-Type", "application/json")), large);
            }
        };
        try (Stack stack = Stack.of(prefiller(usage("7")), decoder)) {
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).body()).isEqualTo(large);
        }
    }

    @Test
    void eachEventArrivesBeforeTheNextOneIsSentAndOneHasThePrefillersCount() throws Exception {
        CountDownLatch next = new CountDownLatch(1);
        String text = "data: {\"choices\":[{\"text\":\"usage\"}]}\n\n";
        String usage = "data: {\"choices\":[],\"usage\":%s}\n\n";
        String begun = "data: {\"choices\":[],\"usa";
        EngineHandler streams = call -> {
            AnswerPieces pieces = call.beginEvents();
            pieces.send((text + begun).getBytes(UTF_8));
            if (next.await(20, TimeUnit.SECONDS)) {
                pieces.send((usage.formatted(usage("4711")).substring(begun.length()) + "data: [DONE]\n\n")
                        .getBytes(UTF_8));
                pieces.end();
            }
        };
        try (Stack stack = Stack.of(prefiller(usage("7")), streams);
                RawClient client = stack.client()) {
            client.send(stack.post(PATH, CHAT));
            assertThat(client.head().headers()).doesNotContainKey("content-length");
            StringBuilder got = new StringBuilder();
            while (got.length() < text.length()) {
                got.append(client.chunkText());
            }
            assertThat(got).startsWith(text);
            next.countDown();
            for (String chunk = client.chunkText(); !chunk.isEmpty(); chunk = client.chunkText()) {
                got.append(chunk);
            }
            assertThat(got).hasToString(text + usage.formatted(usage("7")) + "data: [DONE]\n\n");
        }
    }

    @Test
    void eventsOfAnAnnouncedLengthAreNotCutByIt() throws Exception {
        String event = "data: {\"usage\":%s}\n\n";
        EngineHandler streams = call -> call.answer(200, "text/event-stream", event.formatted(usage("1")));
        try (Stack stack = Stack.of(prefiller(usage("123456")), streams)) {
            assertThat(stack.client().ask(stack.post(PATH, CHAT)).text()).isEqualTo(event.formatted(usage("123456")));
        }
    }

    @Test
    void aStreamThatBreaksOffIsCut() throws Exception {
        EngineHandler breaks = call -> {
            AnswerPieces pieces = call.beginEvents();
            pieces.send("data: {\"choices\":[]}\n\ndata: {\"usage\":{".getBytes(UTF_8));
            call.reset();
        };
        try (Stack stack = Stack.of(prefiller(usage("7")), breaks);
                RawClient client = stack.client()) {
            client.send(stack.post(PATH, CHAT));
            org.assertj.core.api.Assertions.assertThatThrownBy(client::answer).isInstanceOf(java.io.IOException.class);
        }
    }
}
