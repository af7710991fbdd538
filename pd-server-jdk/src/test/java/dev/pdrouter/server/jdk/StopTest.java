package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.testkit.EngineHandler;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Draining: newcomers are sent away, running answers end in their own time. */
class StopTest {

    @Test
    void newcomersGet503AndRunningAnswersFinish() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        EngineHandler waits = call -> {
            var events = call.beginEvents();
            events.send("data: 1\n\n");
            go.await();
            events.send("data: 2\n\n");
            events.end();
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, waits);
                RawClient running = stack.client();
                RawClient idle = stack.client()) {
            idle.ask("GET /health HTTP/1.1\r\nHost: r\r\n\r\n");
            running.send("GET /stream HTTP/1.1\r\nHost: r\r\n\r\n");
            running.head();
            running.chunk();
            FutureTask<Boolean> drain = new FutureTask<>(() -> stack.router.drain(Duration.ofSeconds(20)));
            Thread.startVirtualThread(drain);
            while (!stack.router.isDraining()) {
                Thread.onSpinWait();
            }
            isRefused(idle, "GET /v1/models HTTP/1.1\r\nHost: r\r\n\r\n");
            isRefused(stack.client(), "GET /health HTTP/1.1\r\nHost: r\r\n\r\n");
            isRefused(stack.client(), stack.post("/v1/completions", "{\"prompt\":\"p\"}"));
            assertThat(drain.isDone()).isFalse();
            go.countDown();
            assertThat(running.chunkText()).isEqualTo("data: 2\n\n");
            assertThat(running.chunk()).isEmpty();
            assertThat(drain.get()).isTrue();
        }
    }

    private static void isRefused(RawClient client, String request) throws Exception {
        RawClient.Answer refused = client.ask(request);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.headers()).containsKey("retry-after").containsEntry("connection", "close");
        assertThat(refused.text()).contains("ServiceUnavailable");
        assertThat(client.isAtEnd()).isTrue();
    }

    @Test
    void anAnswerThatBeginsWhileDrainingIsTheLastOnItsConnection() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        EngineHandler waits = call -> {
            go.await();
            call.answer(200, "application/json", "{}");
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, waits);
                RawClient client = stack.client()) {
            client.send(stack.post("/v1/completions", "{\"prompt\":\"p\"}"));
            stack.decode(0);
            FutureTask<Boolean> drain = new FutureTask<>(() -> stack.router.drain(Duration.ofSeconds(20)));
            Thread.startVirtualThread(drain);
            while (!stack.router.isDraining()) {
                Thread.onSpinWait();
            }
            go.countDown();
            RawClient.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.headers()).containsEntry("connection", "close");
            assertThat(client.isAtEnd()).isTrue();
            assertThat(drain.get()).isTrue();
        }
    }

    @Test
    void anIdleRouterDrainsAtOnce() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            assertThat(stack.router.drain(Duration.ZERO)).isTrue();
        }
    }

    @Test
    void theEndOfAnAnswerIsWrittenBeforeTheServerCloses() throws Exception {
        for (int i = 0; i < 20; i++) {
            CountDownLatch go = new CountDownLatch(1);
            EngineHandler waits = call -> {
                var events = call.beginEvents();
                events.send("data: 1\n\n");
                go.await();
                events.end();
            };
            try (Stack stack = Stack.of(Stack.HANDS_OVER, waits);
                    RawClient client = stack.client()) {
                client.send("GET /stream HTTP/1.1\r\nHost: r\r\n\r\n").head();
                client.chunk();
                go.countDown();
                assertThat(stack.router.drain(Duration.ofSeconds(20))).isTrue();
                stack.server.awaitWritten(Duration.ofSeconds(20));
                stack.server.close();
                assertThat(client.chunk()).isEmpty();
            }
        }
    }
}
