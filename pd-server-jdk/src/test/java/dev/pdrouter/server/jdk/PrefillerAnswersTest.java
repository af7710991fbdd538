package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pdrouter.testkit.EngineHandler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much a prefiller may answer, and where it may be. */
class PrefillerAnswersTest {

    private static final int MOST = 2000;
    private static final String BODY = "{\"model\":\"m\",\"prompt\":\"p\",\"max_tokens\":9}";

    /** A handoff in an answer of so many bytes. */
    private static String answer(int bytes) {
        String rest = "\",\"kv_transfer_params\":" + Stack.HANDOFF + "}";
        return "{\"text\":\"" + "x".repeat(bytes - rest.length() - "{\"text\":\"".length()) + rest;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerAboveTheLimitIsTheEnginesFailureAndTheDecoderIsNotAsked(boolean chunked) throws Exception {
        EngineHandler tooLong = call -> {
            if (chunked) {
                var pieces = call.begin(200, List.of());
                pieces.send(answer(MOST + 1));
                pieces.end();
            } else {
                call.answer(200, "application/json", answer(MOST + 1));
            }
        };
        try (Stack stack = Stack.of(tooLong, Stack.ANSWERS, builder -> builder.maxPrefillResponseBytes(MOST))) {
            RawClient.Answer answer = stack.client().ask(stack.post("/v1/completions", BODY));
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.text())
                    .contains("the prefiller " + stack.prefiller.address())
                    .contains("more than " + MOST + " bytes");
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @Test
    void oneOfJustThatLengthIsTaken() throws Exception {
        EngineHandler justSo = call -> call.answer(200, "application/json", answer(MOST));
        try (Stack stack = Stack.of(justSo, Stack.ANSWERS, builder -> builder.maxPrefillResponseBytes(MOST))) {
            assertThat(stack.client().ask(stack.post("/v1/completions", BODY)).status())
                    .isEqualTo(200);
            assertThat(stack.decode(0).json().path("kv_transfer_params")).hasToString(Stack.HANDOFF);
        }
    }

    @Test
    void aPrefillerMayHaveAnAddressOfVersion6() throws Exception {
        CompletableFuture<List<String>> head = new CompletableFuture<>();
        try (ServerSocket listener = listenOnVersion6();
                Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            String address = "[::1]:" + listener.getLocalPort();
            Thread.ofVirtual().start(() -> answerOnce(listener, head));
            RawClient.Answer answer =
                    stack.client().ask(RawClient.post("/v1/completions", BODY, "x-prefiller-host-port: " + address));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(head.get(20, TimeUnit.SECONDS)).anyMatch(line -> line.equalsIgnoreCase("host: " + address));
            assertThat(stack.decode(0).json().path("kv_transfer_params")).hasToString(Stack.HANDOFF);
            assertThat(stack.prefiller.calls()).isEmpty();
        }
    }

    private static ServerSocket listenOnVersion6() {
        try {
            return new ServerSocket(0, 1, InetAddress.getByName("::1"));
        } catch (IOException e) {
            assumeTrue(false, "this machine has no addresses of version 6");
            throw new AssertionError(e);
        }
    }

    private static void answerOnce(ServerSocket listener, CompletableFuture<List<String>> head) {
        try (Socket peer = listener.accept()) {
            var reader = new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.ISO_8859_1));
            List<String> lines = new ArrayList<>();
            for (String line = reader.readLine(); line != null && !line.isEmpty(); line = reader.readLine()) {
                lines.add(line);
            }
            String body = answer(MOST);
            peer.getOutputStream()
                    .write(("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + body.length() + "\r\n\r\n"
                                    + body)
                            .getBytes(StandardCharsets.ISO_8859_1));
            peer.shutdownOutput();
            while (reader.read() >= 0) {
                // Closing with something unread would reset the connection.
            }
            head.complete(lines);
        } catch (IOException e) {
            head.completeExceptionally(e);
        }
    }
}
