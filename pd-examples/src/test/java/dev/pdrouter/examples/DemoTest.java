package dev.pdrouter.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class DemoTest {

    @Test
    void bothWorkersTakePartInBothRequests() throws Exception {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        try (DemoStack stack = DemoStack.start(OptionalInt.of(0))) {
            assertThat(Demo.run(stack, new PrintStream(shown, true, StandardCharsets.UTF_8)))
                    .isTrue();
        }
        assertThat(shown.toString(StandardCharsets.UTF_8))
                .containsSubsequence(
                        "client     asks the sidecar: POST /v1/chat/completions",
                        "prefiller  gets the prompt, with max_tokens 1 and do_remote_decode",
                        "prefiller  is done, hands off",
                        "decoder    gets the client's request with the handoff",
                        "decoder    has pulled the KV cache",
                        "client     has the whole answer (200)",
                        "2. The same, streamed",
                        "OK  prefiller: 2 requests, 2 handoffs · decoder: 2 requests, 2 KV transfers, 0 local prefills");
    }

    @Test
    void aWorkerThatWasLeftOutIsTold() throws Exception {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        try (DemoStack stack = DemoStack.start(OptionalInt.of(0))) {
            assertThat(new DemoCheck(stack).print(new PrintStream(shown, true, StandardCharsets.UTF_8)))
                    .isFalse();
        }
        assertThat(shown.toString(StandardCharsets.UTF_8)).contains("FAILED  prefiller: 0 requests");
    }

    @Test
    void aPortInUseIsSaidInOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> DemoStack.start(OptionalInt.of(taken.getLocalPort())))
                    .isInstanceOf(IOException.class)
                    .hasMessage("port " + taken.getLocalPort() + " is in use");
        }
    }

    @Test
    void optionsAreReadInEitherForm() {
        assertThat(DemoOptions.parse(List.of("--once", "-port=1")))
                .isEqualTo(new DemoOptions(true, OptionalInt.of(1), false));
        assertThat(DemoOptions.parse(List.of("--port", "2")).port()).hasValue(2);
        assertThatThrownBy(() -> DemoOptions.parse(List.of("--port", "70000"))).hasMessageContaining("70000");
        assertThatThrownBy(() -> DemoOptions.parse(List.of("--twice"))).hasMessageContaining("--twice");
    }
}
