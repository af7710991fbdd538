package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.PdRouter;
import dev.pdrouter.SocketTransport;
import dev.pdrouter.Target;
import dev.pdrouter.TargetPolicy;
import dev.pdrouter.connector.EcConnector;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.Pace;
import dev.pdrouter.testkit.SharedStore;
import dev.pdrouter.testkit.VllmBuilder;
import dev.pdrouter.testkit.VllmDecoder;
import dev.pdrouter.testkit.VllmEncoder;
import dev.pdrouter.testkit.VllmEngine;
import dev.pdrouter.testkit.VllmPrefiller;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both EC connectors before NIXL, between engines as strict as vLLM's. */
class StrictEncodersTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pace UNTIL_GONE = (call, token) -> call.goneWithin(PATIENCE);
    private static final String CHAT = "/v1/chat/completions";

    /** Three distinct media, of which one is there twice. */
    private static final String ASKED =
            "{\"model\":\"m\",\"max_tokens\":6,\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":["
                    + "{\"type\":\"text\",\"text\":\"what?\"}," + picture("a") + "," + picture("b") + "," + picture("a")
                    + ","
                    + "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\",\"format\":\"wav\"}}]}]}";

    private static String picture(String name) {
        return "{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://h/" + name + ".png\"}}";
    }

    /** Two encoders, a prefiller, a decoder and the sidecar's server before them. */
    private record Between(
            VllmEncoder one,
            VllmEncoder other,
            VllmPrefiller prefiller,
            VllmDecoder decoder,
            SocketTransport transport,
            PdRouter router,
            JdkServer server)
            implements AutoCloseable {

        static Between start(String connector, Pace encode) throws Exception {
            Optional<SharedStore> store =
                    connector.equals("ec-example") ? Optional.of(new SharedStore()) : Optional.empty();
            VllmDecoder decoder = sharing(VllmDecoder.builder(), store).start();
            SocketTransport transport = SocketTransport.builder().build();
            PdRouter router = PdRouter.builder()
                    .decoder(Target.parse(decoder.address()))
                    .kvConnector(KvConnector.named("nixl"))
                    .ecConnector(EcConnector.named(connector))
                    .transport(transport)
                    .targets(TargetPolicy.any())
                    .build();
            return new Between(
                    sharing(VllmEncoder.builder(), store).pace(encode).start(),
                    sharing(VllmEncoder.builder(), store).pace(encode).start(),
                    sharing(VllmPrefiller.builder(), store).start(),
                    decoder,
                    transport,
                    router,
                    JdkServer.start(router, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null));
        }

        private static <T extends VllmEngine> VllmBuilder<T> sharing(
                VllmBuilder<T> builder, Optional<SharedStore> store) {
            return store.map(builder::mediaStore).orElse(builder);
        }

        String request(String body, boolean prefill) {
            String encoders = "x-encoder-hosts-ports: " + one.address() + "," + other.address();
            return prefill
                    ? RawClient.post(CHAT, body, encoders, "x-prefiller-host-port: " + prefiller.address())
                    : RawClient.post(CHAT, body, encoders);
        }

        void assertNothingLeft() throws Exception {
            prefiller.awaitHeld(0, PATIENCE);
            assertThat(decoder.pending()).isZero();
            for (VllmEngine engine : List.of(one, other, prefiller, decoder)) {
                assertThat(engine.violations()).isEmpty();
            }
        }

        @Override
        public void close() {
            server.close();
            router.close();
            transport.close();
            for (VllmEngine engine : List.of(one, other, prefiller, decoder)) {
                engine.close();
            }
        }
    }

    private static String withoutIds(RawClient.Answer answer) {
        assertThat(answer.status()).isEqualTo(200);
        return answer.text().replaceAll("\"id\":\"[^\"]*\"", "\"id\":\"\"");
    }

    private static String ofOneEngine(String body) throws Exception {
        try (VllmDecoder alone = VllmDecoder.start();
                RawClient client = new RawClient(alone.port())) {
            return withoutIds(client.ask(RawClient.post(CHAT, body)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ec-example,false,true",
        "ec-example,true,true",
        "ec-example,false,false",
        "ec-example,true,false",
        "ec-nixl,false,true",
        "ec-nixl,true,true",
        "ec-nixl,false,false",
        "ec-nixl,true,false"
    })
    void theAnswerIsThatOfOneEngineAndEveryMediumIsEncodedByTheEncoders(
            String connector, boolean stream, boolean prefill) throws Exception {
        String body = ASKED.formatted(stream);
        try (Between all = Between.start(connector, Pace.none());
                RawClient client = new RawClient(all.server().port())) {
            assertThat(withoutIds(client.ask(all.request(body, prefill)))).isEqualTo(ofOneEngine(body));
            assertThat(all.one().requests() + all.other().requests()).isEqualTo(3);
            assertThat(all.other().requests()).isPositive();
            VllmEngine computes = prefill ? all.prefiller() : all.decoder();
            assertThat(computes.encodedElsewhere()).isEqualTo(3);
            assertThat(computes.encodedHere()).isZero();
            assertThat(all.decoder().transfers()).hasSize(prefill ? 1 : 0);
            all.assertNothingLeft();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ec-example", "ec-nixl"})
    void aClientThatLeavesDuringEncodeReleasesTheEncodersAndNobodyElseIsAsked(String connector) throws Exception {
        try (Between all = Between.start(connector, UNTIL_GONE)) {
            RawClient client = new RawClient(all.server().port()).send(all.request(ASKED.formatted(true), true));
            all.one().engine().awaitCall(1, PATIENCE);
            all.other().engine().awaitCall(0, PATIENCE);
            client.close();
            all.other().awaitAborted(1, PATIENCE);
            all.one().awaitAborted(2, PATIENCE);
            assertThat(all.prefiller().engine().calls()).isEmpty();
            assertThat(all.decoder().engine().calls()).isEmpty();
            all.assertNothingLeft();
        }
    }

    @Test
    void anEncoderThatFailsEndsTheOthersAndLeavesNothingAnywhere() throws Exception {
        try (Between all = Between.start("ec-nixl", UNTIL_GONE);
                RawClient client = new RawClient(all.server().port())) {
            all.other().answerNext(call -> {
                all.one().engine().awaitCall(1, PATIENCE);
                call.answer(500, "application/json", "{}");
            });
            assertThat(client.ask(all.request(ASKED.formatted(false), true)).status())
                    .isEqualTo(502);
            all.one().awaitAborted(2, PATIENCE);
            assertThat(all.prefiller().engine().calls()).isEmpty();
            all.assertNothingLeft();
        }
    }
}
