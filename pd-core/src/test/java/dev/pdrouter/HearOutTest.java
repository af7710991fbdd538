package dev.pdrouter;

import static dev.pdrouter.Requests.repeatable;
import static dev.pdrouter.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Nobody waits any more, but what the engine may have answered already counts. */
@ExtendWith(OnVirtualThread.class)
class HearOutTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final SocketTransport transport = SocketTransport.builder().build();
    private final CountDownLatch reached = new CountDownLatch(1);

    @AfterEach
    void close() {
        transport.close();
    }

    /** What came of a call whose thread was interrupted. */
    private record Outcome(String text, boolean interruptedStill) {}

    /** Interrupts the call as soon as the engine has come so far. */
    private Outcome interrupted(EngineRequest request) throws Exception {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        Thread thread = Thread.ofVirtual().start(() -> {
            String text;
            try (EngineResponse answer = transport.send(request)) {
                text = text(answer);
            } catch (IOException | InterruptedException | RuntimeException e) {
                text = e.getClass().getSimpleName();
            }
            outcome.complete(new Outcome(text, Thread.currentThread().isInterrupted()));
        });
        assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
        thread.interrupt();
        return outcome.get(20, TimeUnit.SECONDS);
    }

    @Test
    void anAnswerThatCrossesTheHalfCloseIsReturned() throws Exception {
        BlockingQueue<Integer> afterTheRequest = new LinkedBlockingQueue<>();
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            reached.countDown();
            afterTheRequest.add(peer.in.read());
            peer.write(ANSWER);
        })) {
            assertThat(interrupted(engine.get("/").heardOutFor(LONG))).isEqualTo(new Outcome("ok", true));
            assertThat(afterTheRequest.poll(20, TimeUnit.SECONDS)).isEqualTo(-1);
            engine.awaitConnectionEnd();
            assertThat(transport.openConnections()).isZero();
        }
    }

    @Test
    void anAnswerThatHadBegunIsReturnedWhole() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + "a".repeat(9000));
            reached.countDown();
            peer.in.read();
            peer.write("b".repeat(11000));
        })) {
            assertThat(interrupted(engine.get("/").heardOutFor(LONG)))
                    .isEqualTo(new Outcome("a".repeat(9000) + "b".repeat(11000), true));
        }
    }

    @Test
    void anEngineThatSaysNothingMoreIsDropped() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            reached.countDown();
            peer.awaitEnd();
            new CountDownLatch(1).await();
        })) {
            assertThat(interrupted(engine.get("/").heardOutFor(SHORT)))
                    .isEqualTo(new Outcome("InterruptedException", false));
            assertThat(transport.openConnections()).isZero();
        }
    }

    @Test
    void anEngineThatClosesIsNotWaitedFor() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            reached.countDown();
            peer.awaitEnd();
        })) {
            assertThat(interrupted(engine.get("/").heardOutFor(Duration.ofDays(1))))
                    .isEqualTo(new Outcome("InterruptedException", false));
        }
    }

    @Test
    void anEngineThatTricklesIsDroppedAllTheSame() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            reached.countDown();
            peer.in.read();
            while (true) {
                peer.write("x");
                Thread.yield();
            }
        })) {
            assertThat(interrupted(engine.get("/").heardOutFor(SHORT)).text()).isEqualTo("InterruptedIOException");
            assertThat(transport.openConnections()).isZero();
        }
    }

    @Test
    void aSecondInterruptChangesNothing() throws Exception {
        CompletableFuture<Thread> caller = new CompletableFuture<>();
        CompletableFuture<String> outcome = new CompletableFuture<>();
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            caller.get().interrupt();
            peer.in.read();
            caller.get().interrupt();
            peer.write(ANSWER);
        })) {
            caller.complete(Thread.ofVirtual().start(() -> {
                try (EngineResponse answer = transport.send(engine.get("/").heardOutFor(LONG))) {
                    outcome.complete(text(answer));
                } catch (IOException | InterruptedException e) {
                    outcome.completeExceptionally(e);
                }
            }));
            assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo("ok");
        }
    }

    @Test
    void aLongBodyThatWasSentWholeIsHeardOutToo() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            reached.countDown();
            peer.in.read();
            peer.write(ANSWER);
        })) {
            EngineRequest request = engine.request("POST", "/", repeatable("x".repeat(3 << 20)));
            assertThat(interrupted(request.heardOutFor(LONG))).isEqualTo(new Outcome("ok", true));
        }
    }

    @Test
    void anEngineThatWasNotSentAllIsDroppedAtOnce() throws Exception {
        CountDownLatch left = new CountDownLatch(1);
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readHead();
            reached.countDown();
            left.await();
        })) {
            EngineRequest request = engine.request("POST", "/", repeatable("x".repeat(50 << 20)));
            assertThat(interrupted(request.heardOutFor(Duration.ofDays(1))))
                    .isEqualTo(new Outcome("InterruptedException", false));
            left.countDown();
        }
    }

    /** An interrupt that comes after the answer is the caller's own affair; its connection serves the next request. */
    @Test
    void aRequestThatIsAnsweredInPeaceLeavesItsConnectionToTheNext() throws Exception {
        try (RawEngine engine = RawEngine.answering(ANSWER)) {
            for (int i = 0; i < 3; i++) {
                assertThat(text(transport.send(engine.get("/").heardOutFor(LONG))))
                        .isEqualTo("ok");
            }
            assertThat(engine.connections()).isEqualTo(1);
        }
    }
}
