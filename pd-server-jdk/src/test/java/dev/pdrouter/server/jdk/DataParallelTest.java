package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pdrouter.testkit.Engine;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A decoder of three data-parallel ranks, and the three listeners before them. */
class DataParallelTest {

    private static final String PATH = "/v1/chat/completions";
    private static final String CHAT = "{\"model\":\"m\",\"messages\":[]}";
    private static final int RANKS = 3;

    /** The first of three ports in a row that nobody listens on; another process may still be quicker. */
    private static int freePorts() throws Exception {
        while (true) {
            List<ServerSocket> taken = new ArrayList<>();
            try {
                taken.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
                int first = taken.getFirst().getLocalPort();
                for (int rank = 1; rank < RANKS; rank++) {
                    taken.add(new ServerSocket(first + rank, 1, InetAddress.getLoopbackAddress()));
                }
                return first;
            } catch (java.io.IOException | IllegalArgumentException e) {
                // Somebody has one of them.
            } finally {
                for (ServerSocket socket : taken) {
                    socket.close();
                }
            }
        }
    }

    private record Pod(List<Engine> decoders, Engine prefiller, Sidecar sidecar, int port) implements AutoCloseable {

        static Pod of(String podIp, String... more) throws Exception {
            Engine prefiller = Engine.start(Stack.HANDS_OVER);
            int first = freePorts();
            List<Engine> decoders = new ArrayList<>();
            for (int rank = 0; rank < RANKS; rank++) {
                decoders.add(Engine.builder(Stack.ANSWERS).port(first + rank).start());
            }
            int port = freePorts();
            List<String> arguments = new ArrayList<>(List.of(
                    "-port=" + port,
                    "-bind=127.0.0.1",
                    "-decoder-host=127.0.0.1",
                    "-vllm-port=" + first,
                    "-data-parallel-size=" + RANKS,
                    "-drain-timeout=0"));
            arguments.addAll(List.of(more));
            Map<String, String> environment = podIp.isEmpty() ? Map.of() : Map.of("POD_IP", podIp);
            return new Pod(decoders, prefiller, Sidecar.start(Settings.read(arguments, Map.of()), environment), port);
        }

        RawClient.Answer ask(int rank, String path, String... headers) throws Exception {
            try (RawClient client = new RawClient(port + rank)) {
                return client.ask(RawClient.post(path, CHAT, headers));
            }
        }

        List<Integer> calls() {
            return decoders.stream().map(decoder -> decoder.calls().size()).toList();
        }

        @Override
        public void close() {
            try {
                sidecar.stop();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            decoders.forEach(Engine::close);
            prefiller.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PATH, "/invocations", "/v1/models"})
    void eachListenerStandsBeforeItsRank(String path) throws Exception {
        try (Pod pod = Pod.of("127.0.0.1")) {
            assertThat(pod.ask(2, path).status()).isEqualTo(200);
            assertThat(pod.calls()).containsExactly(0, 0, 1);
            assertThat(pod.ask(0, path).status()).isEqualTo(200);
            assertThat(pod.calls()).containsExactly(1, 0, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {PATH, "/invocations", "/v1/models"})
    void aHeaderChoosesARankAndIsConsumed(String path) throws Exception {
        try (Pod pod = Pod.of("127.0.0.1")) {
            String header = "x-data-parallel-host-port: 127.0.0.1:" + (pod.port() + 1);
            assertThat(pod.ask(0, path, header).status()).isEqualTo(200);
            assertThat(pod.calls()).containsExactly(0, 1, 0);
            assertThat(pod.decoders().get(1).awaitCall(0).header("x-data-parallel-host-port"))
                    .isEmpty();
        }
    }

    @Test
    void theRankThatWasChosenGetsTheHandoff() throws Exception {
        try (Pod pod = Pod.of("127.0.0.1")) {
            RawClient.Answer answer = pod.ask(
                    2,
                    PATH,
                    "x-prefiller-host-port: " + pod.prefiller().address(),
                    "x-data-parallel-host-port: 127.0.0.1:" + (pod.port() + 1));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(pod.calls()).containsExactly(0, 1, 0);
            assertThat(pod.decoders().get(1).awaitCall(0).text()).contains(Stack.HANDOFF);
            assertThat(pod.prefiller().awaitCall(0).header("x-data-parallel-host-port"))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 3", "127.0.0.1, -1", "127.0.0.2, 1", "nosuch.example, 1", "127.0.0.1;127.0.0.1, 1"})
    void aHeaderThatNamesNoListenerIsA400BeforeAnythingIsSent(String host, int offset) throws Exception {
        try (Pod pod = Pod.of("127.0.0.1")) {
            String named = host.replace(";", ":" + pod.port() + ",") + ":" + (pod.port() + offset);
            for (String path : List.of(PATH, "/v1/models")) {
                RawClient.Answer answer = pod.ask(
                        0,
                        path,
                        "x-data-parallel-host-port: " + named,
                        "x-prefiller-host-port: " + pod.prefiller().address());
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.text()).contains("x-data-parallel-host-port");
            }
            assertThat(pod.calls()).containsExactly(0, 0, 0);
            assertThat(pod.prefiller().calls()).isEmpty();
        }
    }

    @Test
    void withoutAPodsAddressOurOwnAddressesCount() throws Exception {
        try (Pod pod = Pod.of("")) {
            int rank = pod.port() + 1;
            assertThat(pod.ask(0, PATH, "x-data-parallel-host-port: 127.0.0.1:" + rank)
                            .status())
                    .isEqualTo(200);
            assertThat(pod.ask(0, PATH, "x-data-parallel-host-port: localhost:" + rank)
                            .status())
                    .isEqualTo(200);
            assertThat(pod.calls()).containsExactly(0, 2, 0);
            assertThat(pod.ask(0, PATH, "x-data-parallel-host-port: 192.0.2.1:" + rank)
                            .status())
                    .isEqualTo(400);
        }
    }

    @Test
    void anEmptyHeaderChoosesNothing() throws Exception {
        try (Pod pod = Pod.of("127.0.0.1")) {
            assertThat(pod.ask(1, PATH, "x-data-parallel-host-port: ").status()).isEqualTo(200);
            assertThat(pod.calls()).containsExactly(0, 1, 0);
        }
    }

    @Test
    void anotherRankOfThisDecoderIsASourceOfBlocksAndThisOneIsNot() throws Exception {
        try (Pod pod = Pod.of("127.0.0.1", "-connector=offloading")) {
            String source = "x-kv-cache-source-host-port: 127.0.0.1:" + (pod.port() + 2);
            pod.ask(2, PATH, source);
            assertThat(pod.decoders().get(2).awaitCall(0).text()).isEqualTo(CHAT);
            pod.ask(1, PATH, source);
            assertThat(pod.decoders()
                            .get(1)
                            .awaitCall(0)
                            .json()
                            .at("/kv_transfer_params/remote_kv_source/remote_port")
                            .asInt())
                    .isEqualTo(7779);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"offloading", "nixlv2", "nixl"})
    void aDecoderIsNoSourceOfItsOwnBlocksByItsAddressEither(String connector) throws Exception {
        try (Pod pod = Pod.of("127.0.0.1", "-connector=" + connector, "-enable-p2p-pull")) {
            String source =
                    "x-kv-cache-source-host-port: " + pod.decoders().get(1).address();
            pod.ask(1, PATH, source);
            assertThat(pod.decoders().get(1).awaitCall(0).text()).isEqualTo(CHAT);
        }
    }

    @Test
    void norWhenItsPrefillersHaveFailed() throws Exception {
        try (Pod pod = Pod.of("127.0.0.1", "-connector=offloading", "-on-prefill-failure=decode")) {
            pod.prefiller().refuse();
            RawClient.Answer answer = pod.ask(
                    0,
                    PATH,
                    "x-prefiller-host-port: " + pod.prefiller().address(),
                    "x-kv-cache-source-host-port: " + pod.decoders().getFirst().address());
            assertThat(answer.status()).isEqualTo(200);
            assertThat(pod.decoders().getFirst().awaitCall(0).text()).isEqualTo(CHAT);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-port=0 | -data-parallel-size=2: expected a -port other than 0, from which the ranks' ports are counted",
                "-port=65535 | -data-parallel-size=2: expected at most 1 with -port=65535",
                "-vllm-port=65535 | -data-parallel-size=2: expected at most 1 with -vllm-port=65535",
            })
    void portsThatCannotBeAreRefused(String argument, String message) {
        assertThatThrownBy(() ->
                        Sidecar.start(Settings.read(List.of("-data-parallel-size=2", argument), Map.of()), Map.of()))
                .isInstanceOf(BadSetting.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "x", ""})
    void aSizeThatIsNoneIsRefused(String size) {
        assertThatThrownBy(() -> Settings.read(List.of("-data-parallel-size=" + size), Map.of()))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("-data-parallel-size");
    }

    @Test
    void aPortInTheRowThatIsTakenIsNamedAndTheOthersAreGivenBack() throws Exception {
        int port = freePorts();
        try (ServerSocket taken = new ServerSocket(port + 1, 1, InetAddress.getLoopbackAddress())) {
            List<String> arguments = List.of("-data-parallel-size=2", "-bind=127.0.0.1", "-port=" + port);
            assertThatThrownBy(() -> Sidecar.start(Settings.read(arguments, Map.of()), Map.of()))
                    .isInstanceOf(BadSetting.class)
                    .hasMessageContaining("-port=" + taken.getLocalPort());
            new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
        }
    }
}
