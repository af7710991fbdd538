package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.testkit.EngineHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bodies of all requests together have so much memory and no more. */
class BufferedBytesTest {

    private static final int LIMIT = 100_000;
    private static final String PATH = "/v1/completions";

    private static final EngineHandler SILENT = call -> call.awaitGone(Duration.ofSeconds(20));

    private static Stack stack(EngineHandler prefiller) throws IOException {
        return Stack.of(prefiller, Stack.ANSWERS, builder -> builder.maxBufferedBytes(LIMIT));
    }

    private static String prompt(int size) {
        return "{\"prompt\":\"" + "x".repeat(size - 13) + "\"}";
    }

    private static String head(int length) {
        return "POST " + PATH + " HTTP/1.1\r\nHost: r\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private static String chunk(String data) {
        return Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
    }

    private static void checkFull(RawClient.Answer answer) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.headers()).containsKey("retry-after");
        assertThat(answer.text()).contains("ServiceUnavailable").contains("bytes");
    }

    private static void assertNothingIsHeld(Stack stack) throws Exception {
        stack.awaitIdle();
        try (RawClient client = stack.client()) {
            assertThat(client.ask(RawClient.post(PATH, prompt(LIMIT))).status()).isEqualTo(200);
        }
    }

    @Test
    void aBodyLargerThanTheWholeIsA413Unread() throws Exception {
        try (Stack stack = stack(SILENT);
                RawClient announcing = stack.client();
                RawClient chunking = stack.client()) {
            assertThat(announcing.send(head(LIMIT + 1)).answer().status()).isEqualTo(413);
            chunking.send("POST " + PATH + " HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + chunk(prompt(LIMIT + 1)) + "0\r\n\r\n");
            assertThat(chunking.answer().status()).isEqualTo(413);
            assertNothingIsHeld(stack);
        }
    }

    @Test
    void whatDoesNotFitNowIsA503UnreadAndFitsLater() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        EngineHandler waits = call -> {
            go.await();
            Stack.HANDS_OVER.handle(call);
        };
        try (Stack stack = stack(waits);
                RawClient first = stack.client();
                RawClient second = stack.client()) {
            first.send(stack.post(PATH, prompt(60_000)));
            stack.prefill(0);
            checkFull(second.send(head(50_000)).answer());
            try (RawClient small = stack.client()) {
                assertThat(small.ask(RawClient.post(PATH, prompt(30_000))).status())
                        .isEqualTo(200);
            }
            go.countDown();
            assertThat(first.answer().status()).isEqualTo(200);
            assertNothingIsHeld(stack);
        }
    }

    @Test
    void whatIsOnlyAnnouncedHoldsNothing() throws Exception {
        try (Stack stack = stack(SILENT);
                RawClient slow = stack.client();
                RawClient quick = stack.client()) {
            slow.send(head(90_000) + "{");
            assertThat(quick.ask(RawClient.post(PATH, prompt(90_000))).status()).isEqualTo(200);
        }
    }

    @Test
    void aChunkedBodyThatOutgrowsWhatIsLeftIsA503() throws Exception {
        try (Stack stack = stack(SILENT);
                RawClient first = stack.client();
                RawClient second = stack.client()) {
            first.send(stack.post(PATH, prompt(60_000)));
            stack.prefill(0);
            second.send("POST " + PATH + " HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + chunk(prompt(50_000)));
            checkFull(second.answer());
            first.reset();
            assertNothingIsHeld(stack);
        }
    }

    /** A client that reads nothing before it has sent everything must get the answer too. */
    @ParameterizedTest
    @ValueSource(ints = {1, 20})
    void theAnswerReachesAClientThatGoesOnSending(int mebibytes) throws Exception {
        try (Stack stack = stack(SILENT);
                RawClient client = stack.client()) {
            byte[] piece = "x".repeat(64 * 1024).getBytes(StandardCharsets.US_ASCII);
            client.send(head(mebibytes << 20));
            Thread sender = Thread.startVirtualThread(() -> {
                try {
                    for (int sent = 0; sent < mebibytes << 20; sent += piece.length) {
                        client.send(piece);
                    }
                } catch (IOException e) {
                    // It may be told to stop.
                }
            });
            assertThat(client.answer().status()).isEqualTo(413);
            sender.join();
            assertNothingIsHeld(stack);
        }
    }

    @Test
    void aPrefillersAnswerCountsToo() throws Exception {
        EngineHandler wordy = call -> call.answer(200, "application/json", "{\"id\":\"" + "x".repeat(60_000) + "\"}");
        try (Stack stack = stack(wordy)) {
            try (RawClient client = stack.client()) {
                checkFull(client.ask(stack.post(PATH, prompt(60_000))));
            }
            assertThat(stack.decoder.calls()).isEmpty();
            assertNothingIsHeld(stack);
        }
    }

    @Test
    void nothingIsHeldForAClientThatLeft() throws Exception {
        try (Stack stack = stack(SILENT)) {
            try (RawClient midway = stack.client()) {
                midway.send(head(90_000) + prompt(50_000));
            }
            RawClient client = stack.client();
            client.send(stack.post(PATH, prompt(30_000)));
            stack.prefill(0);
            client.close();
            assertNothingIsHeld(stack);
        }
    }

    @Test
    void whatPassesUnreadIsNotCounted() throws Exception {
        try (Stack stack = stack(SILENT);
                RawClient client = stack.client()) {
            assertThat(client.ask(RawClient.post("/upload", "x".repeat(3 * LIMIT)))
                            .status())
                    .isEqualTo(200);
        }
    }
}
