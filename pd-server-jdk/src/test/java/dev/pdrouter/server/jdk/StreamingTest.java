package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.testkit.EngineHandler;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A slow reader slows its engine, and memory stays flat. */
class StreamingTest {

    @Test
    void aClientThatDoesNotReadStopsTheEngine() throws Exception {
        AtomicLong sent = new AtomicLong();
        byte[] piece = new byte[64 * 1024];
        long total = 256L << 20;
        EngineHandler floods = call -> {
            var pieces = call.begin(200, java.util.List.of());
            while (sent.get() < total) {
                pieces.send(piece);
                sent.addAndGet(piece.length);
            }
            pieces.end();
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, floods);
                RawClient client = stack.client().send("GET /flood HTTP/1.1\r\nHost: r\r\n\r\n")) {
            client.head();
            long before = -1;
            // The kernel's buffers fill, and then nothing moves any more.
            while (before != sent.get()) {
                before = sent.get();
                stack.decode(0).goneWithin(java.time.Duration.ofMillis(300));
            }
            assertThat(sent.get()).isLessThan(total / 4);
        }
    }
}
