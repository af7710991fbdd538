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
                RawClient newcomer = stack.client()) {
            running.send("GET /stream HTTP/1.1\r\nHost: r\r\n\r\n");
            running.head();
            running.chunk();
            FutureTask<Boolean> drain = new FutureTask<>(() -> stack.router.drain(Duration.ofSeconds(20)));
            Thread.startVirtualThread(drain);
            while (!stack.router.isDraining()) {
                Thread.onSpinWait();
            }
            for (String target : new String[] {"/v1/models", "/health"}) {
                RawClient.Answer refused = newcomer.ask("GET " + target + " HTTP/1.1\r\nHost: r\r\n\r\n");
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.headers()).containsKey("retry-after");
                assertThat(refused.text()).contains("ServiceUnavailable");
            }
            assertThat(drain.isDone()).isFalse();
            go.countDown();
            assertThat(running.chunkText()).isEqualTo("data: 2\n\n");
            assertThat(running.chunk()).isEmpty();
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
