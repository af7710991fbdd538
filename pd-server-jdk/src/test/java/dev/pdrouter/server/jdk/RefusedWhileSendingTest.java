package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.PdRouter;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An answer reaches a client that is still sending, though nobody wants what it sends; its connection lives if it can. */
class RefusedWhileSendingTest {

    private static final String HOST = " HTTP/1.1\r\nHost: r\r\n";
    private static final UnaryOperator<PdRouter.Builder> SMALL = builder -> builder.maxRequestBytes(10);

    /** A client that sends on and reads only then; whether it could send everything is not the point. */
    private static RawClient.Answer answerAfter(RawClient client, String head, int pieces, String piece)
            throws Exception {
        client.send(head);
        try {
            for (int i = 0; i < pieces; i++) {
                client.send(piece);
            }
        } catch (IOException e) {
            throw new AssertionError("the connection was reset before the answer was read", e);
        }
        return client.answer();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64, 640})
    void a413ReachesAClientWhateverItsSize(int pieces) throws Exception {
        String piece = "a".repeat(65536);
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS, SMALL)) {
            String announced = "POST /v1/completions" + HOST + "Content-Length: " + pieces * 65536L + "\r\n\r\n";
            assertThat(answerAfter(stack.client(), announced, pieces, piece).status())
                    .isEqualTo(413);
            String chunked = "POST /v1/completions" + HOST + "Transfer-Encoding: chunked\r\n\r\n";
            assertThat(answerAfter(stack.client(), chunked, pieces, "10000\r\n" + piece + "\r\n")
                            .status())
                    .isEqualTo(413);
        }
    }

    @Test
    void aClientThatAnnouncesTooMuchAndWaitsIsClosedAfterItsAnswer() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS, SMALL);
                RawClient client = stack.client()) {
            RawClient.Answer answer =
                    client.ask("POST /v1/completions" + HOST + "Content-Length: 99999999999\r\n\r\n{");
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.headers()).containsEntry("connection", "close");
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @Test
    void a400ForTheHeadReachesAClientThatSendsABody() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            String head = "POST /x" + HOST + "X: a\u0001b\r\nContent-Length: 40000000\r\n\r\n";
            RawClient.Answer answer = answerAfter(stack.client(), head, 100, "a".repeat(65536));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.headers()).containsEntry("connection", "close");
        }
    }

    @Test
    void a400ForAMalformedChunkReachesAClientThatSendsOn() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            String head = "POST /v1/completions" + HOST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n";
            RawClient.Answer answer = answerAfter(stack.client(), head, 100, "a".repeat(65536));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.headers()).containsEntry("connection", "close");
        }
    }

    @Test
    void aConnectionIsUsedAgainAfterEachKindOfAnswer() throws Exception {
        try (Stack stack = Stack.of(
                        Stack.HANDS_OVER,
                        call -> {
                            switch (call.head().target()) {
                                case "/204" -> call.answer(204, "text/plain", "");
                                case "/404" -> call.answer(404, "application/json", "{}");
                                case "/stream" -> call.beginEvents().end();
                                default -> call.answer(200, "application/json", "{}");
                            }
                        },
                        builder -> builder.maxRequestBytes(30));
                RawClient client = stack.client()) {
            String bad = RawClient.post("/v1/completions", "[]");
            String large = RawClient.post("/v1/completions", "{\"prompt\":\"" + "p".repeat(100) + "\"}");
            for (int i = 0; i < 2; i++) {
                assertThat(client.ask("GET /204" + HOST + "\r\n").status()).isEqualTo(204);
                assertThat(client.ask("GET /404" + HOST + "\r\n").status()).isEqualTo(404);
                assertThat(client.ask("GET /stream" + HOST + "\r\n").status()).isEqualTo(200);
                assertThat(client.ask("HEAD /x" + HOST + "\r\n").status()).isEqualTo(200);
                assertThat(client.ask("GET /health" + HOST + "\r\n").status()).isEqualTo(200);
                assertThat(client.ask(bad).status()).isEqualTo(400);
                assertThat(client.ask(large).status()).isEqualTo(413);
                assertThat(client.ask(stack.post("/v1/completions", "{\"prompt\":\"p\"}"))
                                .status())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrder() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS, SMALL);
                RawClient client = stack.client()) {
            client.send(RawClient.post("/v1/completions", "[]")
                    + "GET /health" + HOST + "\r\n"
                    + RawClient.post("/v1/completions", "{\"prompt\":\"p\"}")
                    + "GET /v1/models" + HOST + "\r\n");
            assertThat(client.answer().status()).isEqualTo(400);
            assertThat(client.answer().status()).isEqualTo(200);
            assertThat(client.answer().status()).isEqualTo(413);
            assertThat(client.answer().text()).isEqualTo("{\"id\":\"d\"}");
        }
    }

    @Test
    void aClientThatWaitsToBeToldToContinueIsTold() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                RawClient client = stack.client()) {
            client.send("POST /v1/completions" + HOST + "Expect: 100-continue\r\nContent-Length: 14\r\n\r\n");
            assertThat(client.head().status()).isEqualTo(100);
            assertThat(client.ask("{\"prompt\":\"p\"}").status()).isEqualTo(200);
            assertThat(stack.decode(0).header("expect")).isEmpty();
        }
    }
}
