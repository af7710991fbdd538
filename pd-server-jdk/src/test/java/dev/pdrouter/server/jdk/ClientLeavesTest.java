package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The promise: when the client leaves, at any moment, no engine goes on for it. */
class ClientLeavesTest {

    /** Far above what it takes (a few ms), far below every other timeout. */
    private static final Duration SOON = Duration.ofSeconds(2);

    private static final EngineHandler SILENT = call -> call.awaitGone(Duration.ofSeconds(20));

    private static final String CHAT = "{\"model\":\"m\",\"messages\":[],\"stream\":true}";

    enum Leaving {
        FIN,
        RST;

        void by(RawClient client) throws IOException {
            if (this == RST) {
                client.reset();
            } else {
                client.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavingDuringPrefillDropsThePrefiller(Leaving leaving) throws Exception {
        try (Stack stack = Stack.of(SILENT, Stack.ANSWERS)) {
            RawClient client = stack.client().send(stack.post("/v1/chat/completions", CHAT));
            EngineCall prefill = stack.prefill(0);
            leaving.by(client);
            prefill.awaitGone(SOON);
            stack.awaitIdle();
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavingBeforeTheDecodersFirstByteDropsTheDecoder(Leaving leaving) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, SILENT)) {
            RawClient client = stack.client().send(stack.post("/v1/chat/completions", CHAT));
            EngineCall decode = stack.decode(0);
            leaving.by(client);
            decode.awaitGone(SOON);
            stack.awaitIdle();
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavingInTheMiddleOfAStreamDropsTheDecoder(Leaving leaving) throws Exception {
        EngineHandler begins = call -> {
            call.beginEvents().send("data: 1\n\n");
            call.awaitGone(Duration.ofSeconds(20));
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, begins)) {
            RawClient client = stack.client().send(stack.post("/v1/chat/completions", CHAT));
            client.head();
            assertThat(client.chunkText()).isEqualTo("data: 1\n\n");
            leaving.by(client);
            stack.decode(0).awaitGone(SOON);
            stack.awaitIdle();
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavingDuringAPassThroughRequestDropsTheDecoder(Leaving leaving) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, SILENT)) {
            RawClient client = stack.client().send("GET /v1/models HTTP/1.1\r\nHost: r\r\n\r\n");
            EngineCall call = stack.decode(0);
            leaving.by(client);
            call.awaitGone(SOON);
            stack.awaitIdle();
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavingIsSeenOnTheSecondRequestOfAConnectionToo(Leaving leaving) throws Exception {
        EngineHandler secondIsSilent = call -> {
            if (call.head().target().equals("/first")) {
                call.answer(200, "text/plain", "1");
            } else {
                call.awaitGone(Duration.ofSeconds(20));
            }
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, secondIsSilent)) {
            RawClient client = stack.client();
            assertThat(client.ask("GET /first HTTP/1.1\r\nHost: r\r\n\r\n").text())
                    .isEqualTo("1");
            client.send("GET /second HTTP/1.1\r\nHost: r\r\n\r\n");
            EngineCall second = stack.decode(1);
            leaving.by(client);
            second.awaitGone(SOON);
            stack.awaitIdle();
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavingWhileSendingABodyNeverLooksLikeAWholeBodyToTheDecoder(Leaving leaving) throws Exception {
        CountDownLatch cut = new CountDownLatch(1);
        Engine decoder = Engine.builder(call -> {
                    try {
                        call.bodyStream().readAllBytes();
                    } catch (IOException e) {
                        cut.countDown();
                    }
                })
                .streamBodies()
                .start();
        try (Stack stack = Stack.of(Engine.start(Stack.HANDS_OVER), decoder, builder -> builder)) {
            RawClient client = stack.client()
                    .send("POST /upload HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            stack.decode(0);
            leaving.by(client);
            assertThat(cut.await(SOON.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
            stack.awaitIdle();
        }
    }

    @Test
    void nothingIsLeftBehind() throws Exception {
        try (Stack stack = Stack.of(SILENT, Stack.ANSWERS)) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                clients.add(stack.client().send(stack.post("/v1/chat/completions", CHAT)));
                stack.prefill(i);
            }
            for (RawClient client : clients) {
                client.close();
            }
            for (int i = 0; i < 50; i++) {
                stack.prefill(i).awaitGone(SOON);
            }
            stack.awaitIdle();
            stack.prefiller.awaitOpenConnections(0, SOON);
            stack.decoder.awaitOpenConnections(0, SOON);
        }
    }
}
