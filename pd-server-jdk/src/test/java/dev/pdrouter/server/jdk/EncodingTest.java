package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pdrouter.Stage;
import dev.pdrouter.connector.EcConnector;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encoders before prefiller and decoder: who is asked what, and what becomes of it. */
class EncodingTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Far above what it takes (a few ms), far below every other timeout. */
    private static final Duration SOON = Duration.ofSeconds(3);

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String PATH = "/v1/chat/completions";

    /** Three parts, one of which names the URL of another. */
    private static final String MEDIA = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
            + image("http://h/a") + "," + image("http://h/b") + "," + image("http://h/a") + ","
            + "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\",\"format\":\"wav\"}}]}]"
            + ",\"max_tokens\":9}";

    private static final EngineHandler SILENT = call -> call.awaitGone(LONG);

    /** Answers with an entry that names the part that it was sent. */
    private static final EngineHandler ENCODES = call -> {
        String url = call.json().at("/messages/0/content/0/image_url/url").asText("sound");
        String params = "{\"hash-" + url + "\":{\"peer_host\":\"e\", \"peer_port\":5500}}";
        call.answer(200, "application/json", "{\"id\":\"e\",\"ec_transfer_params\":" + params + "}");
    };

    private static String image(String url) {
        return "{\"type\":\"image_url\",\"image_url\":{\"url\":\"" + url + "\"}}";
    }

    private static Stack stack(String connector) throws IOException {
        return stack(connector, Stack.HANDS_OVER);
    }

    private static Stack stack(String connector, EngineHandler prefiller) throws IOException {
        return Stack.of(prefiller, Stack.ANSWERS, builder -> builder.ecConnector(EcConnector.named(connector))
                .targets((stage, target) -> !target.host().equals("forbidden")));
    }

    private static String encoders(Engine... engines) {
        return "x-encoder-hosts-ports: "
                + String.join(" , ", Stream.of(engines).map(Engine::address).toList());
    }

    private static String prefiller(Stack stack) {
        return "x-prefiller-host-port: " + stack.prefiller.address();
    }

    @Test
    void theEncodersAreAskedInTurnAndThePrefillerIsToldWhatTheyAnswered() throws Exception {
        try (Engine one = Engine.start(ENCODES);
                Engine other = Engine.start(ENCODES);
                Stack stack = stack("ec-nixl")) {
            RawClient.Answer answer = stack.client()
                    .ask(RawClient.post(
                            PATH,
                            MEDIA,
                            encoders(one, other),
                            prefiller(stack),
                            "x-request-id: r",
                            "Authorization: Bearer t",
                            "Accept-Encoding: gzip"));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.headers()).containsEntry("x-request-id", "r");
            assertThat(other.calls()).hasSize(1);
            EngineCall second = other.awaitCall(0);
            assertThat(second.text())
                    .isEqualTo("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[" + image("http://h/b")
                            + "]}],\"max_tokens\":1,\"stream\":false,\"min_tokens\":1}");
            assertThat(second.head().target()).isEqualTo(PATH);
            assertThat(second.header("x-request-id")).contains("r-enc-1");
            assertThat(second.header("authorization")).contains("Bearer t");
            assertThat(second.header("content-type")).contains("application/json");
            assertThat(second.header("accept-encoding")).isEmpty();
            assertThat(second.header("x-encoder-hosts-ports")).isEmpty();
            assertThat(one.calls())
                    .extracting(call -> call.header("x-request-id").orElse(""))
                    .containsExactlyInAnyOrder("r-enc-0", "r-enc-2");
            EngineCall prefill = stack.prefill(0);
            assertThat(prefill.text())
                    .contains(",\"ec_transfer_params\":{\"hash-http://h/a\":{\"peer_host\":\"e\", \"peer_port\":5500},"
                            + "\"hash-http://h/b\":{\"peer_host\":\"e\", \"peer_port\":5500},"
                            + "\"hash-sound\":{\"peer_host\":\"e\", \"peer_port\":5500}}");
            assertThat(prefill.header("x-request-id")).contains("r");
            assertThat(prefill.header("x-encoder-hosts-ports")).isEmpty();
            assertThat(prefill.json().at("/kv_transfer_params/do_remote_decode").asBoolean())
                    .isTrue();
            assertThat(stack.decode(0).text())
                    .isEqualTo(
                            MEDIA.substring(0, MEDIA.length() - 1) + ",\"kv_transfer_params\":" + Stack.HANDOFF + "}");
        }
    }

    @Test
    void withoutAPrefillerTheDecoderIsTold() throws Exception {
        try (Engine encoder = Engine.start(ENCODES);
                Stack stack = stack("ec-nixl")) {
            String named = encoders(encoder);
            assertThat(stack.client().ask(RawClient.post(PATH, MEDIA, named)).status())
                    .isEqualTo(200);
            String several = MEDIA.replace("\"max_tokens\":9", "\"n\":2");
            assertThat(stack.client()
                            .ask(RawClient.post(PATH, several, named, prefiller(stack)))
                            .status())
                    .isEqualTo(200);
            for (EngineCall decode : List.of(stack.decode(0), stack.decode(1))) {
                assertThat(decode.json().path("ec_transfer_params")).hasSize(3);
            }
            assertThat(stack.decode(1).text()).startsWith(several.substring(0, several.length() - 1));
            assertThat(stack.prefiller.calls()).isEmpty();
            assertThat(encoder.calls()).hasSize(6);
            assertThat(encoder.calls())
                    .allMatch(call ->
                            !call.json().has("n") || call.json().path("n").asInt() == 1);
        }
    }

    @Test
    void aDecoderThatComputesThePromptForWantOfAHandoffIsTold() throws Exception {
        try (Engine encoder = Engine.start(ENCODES);
                Stack stack = stack("ec-nixl", call -> call.answer(200, "application/json", "{}"))) {
            stack.client().ask(RawClient.post(PATH, MEDIA, encoders(encoder), prefiller(stack)));
            assertThat(stack.decode(0).json().path("ec_transfer_params")).hasSize(3);
            assertThat(stack.decode(0).json().has("kv_transfer_params")).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mooncake", "shared-storage", "sglang", "offloading"})
    void anyKvConnectorsPrefillerIsTold(String name) throws Exception {
        EngineHandler prefills =
                call -> call.answer(200, "application/json", "{\"choices\":[{\"finish_reason\":\"length\"}]}");
        try (Engine encoder = Engine.start(ENCODES);
                Engine bootstrap =
                        Engine.start(call -> call.answer(200, "application/json", "{\"0\":{\"engine_id\":\"i\"}}"));
                Stack stack =
                        Stack.of(prefills, Stack.ANSWERS, builder -> builder.ecConnector(EcConnector.named("ec-nixl"))
                                .kvConnector(KvConnector.named(name)
                                        .configured(java.util.Map.of(
                                                "mooncake-bootstrap-port", String.valueOf(bootstrap.port())))))) {
            stack.client().ask(RawClient.post(PATH, MEDIA, encoders(encoder), prefiller(stack)));
            assertThat(stack.prefill(0).json().path("ec_transfer_params")).hasSize(3);
            assertThat(stack.decode(0).json().has("ec_transfer_params")).isFalse();
        }
    }

    @Test
    void whatEncodersOfASharedFolderAnswerDoesNotMatter() throws Exception {
        EngineHandler nonsense = call -> call.answer(202, "text/plain", "not JSON");
        try (Engine encoder = Engine.start(nonsense);
                Stack stack = stack("ec-example")) {
            RawClient.Answer answer =
                    stack.client().ask(RawClient.post(PATH, MEDIA, encoders(encoder), prefiller(stack)));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(encoder.calls()).hasSize(3);
            assertThat(stack.prefill(0).json().has("ec_transfer_params")).isFalse();
        }
    }

    @Test
    void allPartsAreEncodedAtOnceAndNobodyElseIsAskedBefore() throws Exception {
        CountDownLatch all = new CountDownLatch(3);
        EngineHandler together = call -> {
            all.countDown();
            all.await();
            ENCODES.handle(call);
        };
        EngineHandler later = call -> {
            assertThat(all.getCount()).isZero();
            Stack.HANDS_OVER.handle(call);
        };
        try (Engine encoder = Engine.start(together);
                Stack stack = stack("ec-nixl", later)) {
            RawClient.Answer answer =
                    stack.client().ask(RawClient.post(PATH, MEDIA, encoders(encoder), prefiller(stack)));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(stack.prefiller.failures()).isEmpty();
        }
    }

    @Test
    void hundredsOfPartsAreEncodedByAFewConnections() throws Exception {
        StringBuilder parts = new StringBuilder(image("http://h/0"));
        for (int i = 1; i < 300; i++) {
            parts.append(',').append(image("http://h/" + i));
        }
        String body = "{\"messages\":[{\"content\":[" + parts + "]}]}";
        try (Engine encoder = Engine.start(ENCODES);
                Stack stack = stack("ec-nixl")) {
            stack.client().ask(RawClient.post(PATH, body, encoders(encoder)));
            assertThat(stack.decode(0).json().path("ec_transfer_params")).hasSize(300);
            assertThat(encoder.calls()).hasSize(300);
            assertThat(encoder.acceptedConnections()).isLessThan(100);
        }
    }

    private static EngineHandler fails(String how, CountDownLatch othersWait) {
        return call -> {
            othersWait.await();
            switch (how) {
                case "resets" -> call.reset();
                case "closes" -> call.close();
                case "cut" -> {
                    call.raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}");
                    call.close();
                }
                case "nonsense" -> call.answer(200, "application/json", "[]");
                default -> call.answer(Integer.parseInt(how), "application/json", "{\"error\":\"theirs\"}");
            }
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"400", "404", "429", "500", "503", "302", "resets", "closes", "cut", "nonsense"})
    void theFirstFailureEndsTheOthersAndIsABadGateway(String how) throws Exception {
        CountDownLatch othersWait = new CountDownLatch(2);
        EngineHandler waits = call -> {
            othersWait.countDown();
            call.awaitGone(LONG);
        };
        try (Engine one = Engine.start(waits);
                Engine failing = Engine.start(fails(how, othersWait));
                Stack stack = stack("ec-nixl")) {
            RawClient.Answer answer =
                    stack.client().ask(RawClient.post(PATH, MEDIA, encoders(one, failing), prefiller(stack)));
            assertThat(answer.status()).isEqualTo(502);
            assertThat(MAPPER.readTree(answer.body()).at("/error/type").asText())
                    .isEqualTo("BadGateway");
            assertThat(answer.text())
                    .contains("the encoder " + failing.address())
                    .doesNotContain("http://h");
            one.awaitCall(0).awaitGone(SOON);
            one.awaitCall(1).awaitGone(SOON);
            stack.awaitIdle();
            assertThat(stack.prefiller.calls()).isEmpty();
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @Test
    void anEncoderThatIsNotThereIsABadGateway() throws Exception {
        try (Engine dead = Engine.start(ENCODES);
                Engine waits = Engine.start(SILENT);
                Stack stack = stack("ec-example")) {
            dead.refuse();
            RawClient.Answer answer = stack.client().ask(RawClient.post(PATH, MEDIA, encoders(waits, dead)));
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.text()).contains("the encoder " + dead.address());
            stack.awaitIdle();
            waits.awaitOpenConnections(0, SOON);
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @Test
    void encodersTakeFromThePrefillsTime() throws Exception {
        try (Engine encoder = Engine.start(SILENT);
                Stack stack = Stack.of(
                        Stack.HANDS_OVER, Stack.ANSWERS, builder -> builder.ecConnector(EcConnector.named("ec-nixl"))
                                .prefillTimeout(Duration.ofMillis(300)))) {
            RawClient.Answer answer =
                    stack.client().ask(RawClient.post(PATH, MEDIA, encoders(encoder), prefiller(stack)));
            assertThat(answer.status()).isEqualTo(504);
            assertThat(answer.text()).contains("the encoder " + encoder.address());
            encoder.awaitOpenConnections(0, SOON);
            assertThat(stack.prefiller.calls()).isEmpty();
        }
    }

    @Test
    void theClientLeavingEndsAllEncoders() throws Exception {
        try (Engine encoder = Engine.start(SILENT);
                Stack stack = stack("ec-nixl")) {
            RawClient client = stack.client().send(RawClient.post(PATH, MEDIA, encoders(encoder), prefiller(stack)));
            for (int part = 0; part < 3; part++) {
                encoder.awaitCall(part);
            }
            client.close();
            for (int part = 0; part < 3; part++) {
                encoder.awaitCall(part).awaitGone(SOON);
            }
            stack.awaitIdle();
            assertThat(stack.prefiller.calls()).isEmpty();
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @Test
    void encodersAreHeldToTheRulesOfCandidates() throws Exception {
        try (Engine encoder = Engine.start(ENCODES);
                Stack stack = stack("ec-nixl")) {
            assertThat(status(stack, PATH, MEDIA, "x-encoder-hosts-ports: nonsense"))
                    .isEqualTo(400);
            assertThat(status(stack, PATH, MEDIA, encoders(encoder) + ",h:0")).isEqualTo(400);
            assertThat(status(stack, PATH, MEDIA, encoders(encoder) + ",forbidden:1"))
                    .isEqualTo(403);
            assertThat(status(stack, PATH, "{\"messages\":[],\"messages\":[]}", encoders(encoder)))
                    .isEqualTo(400);
            assertThat(encoder.calls()).isEmpty();
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    private static int status(Stack stack, String path, String body, String header) throws IOException {
        return stack.client().ask(RawClient.post(path, body, header)).status();
    }

    @Test
    void nobodyIsAskedToEncodeWhatHasNoMediaOrIsNoChat() throws Exception {
        String text = "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"t\"}]}]}";
        try (Engine encoder = Engine.start(ENCODES);
                Stack stack = stack("ec-nixl")) {
            assertThat(status(stack, PATH, text, encoders(encoder))).isEqualTo(200);
            assertThat(status(stack, "/v1/completions", MEDIA, encoders(encoder)))
                    .isEqualTo(200);
            assertThat(status(stack, PATH, MEDIA, "x-encoder-hosts-ports: ")).isEqualTo(200);
            assertThat(stack.decode(0).text()).isEqualTo(text);
            assertThat(stack.decode(1).text()).isEqualTo(MEDIA);
            assertThat(stack.decode(2).text()).isEqualTo(MEDIA);
            assertThat(encoder.calls()).isEmpty();
        }
    }

    @Test
    void withoutAConnectorTheHeaderIsTakenAndNobodyIsAsked() throws Exception {
        try (Engine encoder = Engine.start(ENCODES);
                Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            assertThat(status(stack, PATH, MEDIA, encoders(encoder))).isEqualTo(200);
            assertThat(stack.decode(0).text()).isEqualTo(MEDIA);
            assertThat(stack.decode(0).header("x-encoder-hosts-ports")).isEmpty();
            assertThat(encoder.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "u@h:1", "h:0", "h:1/v1", "h:1, ,:2", "ftp://h:1"})
    void aMalformedEncoderIsRefusedAlsoWhereNobodyIsAsked(String encoder) throws Exception {
        try (Stack plain = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                Stack encoding = stack("ec-example")) {
            String header = "x-encoder-hosts-ports: " + encoder;
            assertThat(status(plain, PATH, MEDIA, header)).isEqualTo(400);
            assertThat(status(plain, "/v1/responses", "{}", header)).isEqualTo(400);
            assertThat(status(encoding, "/v1/completions", "{}", header)).isEqualTo(400);
            String both = prefiller(plain) + "\r\n" + header;
            assertThat(status(plain, PATH, MEDIA, both)).isEqualTo(400);
            assertThat(plain.prefiller.calls()).isEmpty();
            assertThat(plain.decoder.calls()).isEmpty();
            assertThat(encoding.decoder.calls()).isEmpty();
        }
    }

    @Test
    void theClientsOwnParametersReachNobody() throws Exception {
        String own =
                MEDIA.replace("\"max_tokens\":9", "\"ec_transfer_params\":{\"x\":1},\"kv_transfer_params\":{\"x\":1}");
        EngineHandler silentOfPlaces = call -> call.answer(200, "application/json", "{\"id\":\"e\"}");
        try (Engine encoder = Engine.start(silentOfPlaces);
                Stack stack = stack("ec-nixl")) {
            assertThat(status(stack, PATH, own, encoders(encoder))).isEqualTo(200);
            for (EngineCall call : List.of(encoder.awaitCall(0), stack.decode(0))) {
                assertThat(call.text()).doesNotContain("transfer_params");
            }
        }
    }

    @Test
    void eachEncoderIsAStageOfItsOwn() throws Exception {
        List<PdEvent> events = new CopyOnWriteArrayList<>();
        try (Engine encoder = Engine.start(ENCODES);
                Stack stack = Stack.of(
                        Stack.HANDS_OVER, Stack.ANSWERS, builder -> builder.ecConnector(EcConnector.named("ec-nixl"))
                                .listener(events::add))) {
            stack.client().ask(RawClient.post(PATH, MEDIA, encoders(encoder), prefiller(stack)));
            stack.awaitIdle();
            List<String> told = events.stream()
                    .map(event -> switch (event) {
                        case PdEvent.StageStarted begun -> "begin " + begun.stage();
                        case PdEvent.StageEnded end ->
                            "end " + end.stage() + " " + end.status().orElse(0);
                        default -> "";
                    })
                    .filter(line -> !line.isEmpty())
                    .toList();
            assertThat(told.subList(0, 3)).containsOnly("begin " + Stage.ENCODE);
            assertThat(told.subList(3, 6)).containsOnly("end " + Stage.ENCODE + " 200");
            assertThat(told.get(6)).isEqualTo("begin " + Stage.PREFILL);
        }
    }
}
