package dev.pdrouter;

import static dev.pdrouter.Requests.repeatable;
import static dev.pdrouter.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Nobody waits for the answer any more. */
class CancellationTest extends OnEachTransport {

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);

    /** What a thread throws when it is interrupted as soon as the engine has come so far. */
    private Throwable interrupted(RawEngine engine, EngineRequest request) throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        Thread thread = Thread.ofVirtual().start(() -> {
            try (EngineResponse answer = transport.send(request)) {
                text(answer);
                thrown.complete(new AssertionError("an answer"));
            } catch (Throwable e) {
                flag.complete(Thread.currentThread().isInterrupted());
                over.countDown();
                thrown.complete(e);
            }
        });
        reached.await();
        thread.interrupt();
        Throwable failure = thrown.get(20, TimeUnit.SECONDS);
        assertThat(flag.join()).isEqualTo(failure instanceof InterruptedIOException);
        engine.awaitConnectionEnd();
        transport.assertOpenConnections(0);
        return failure;
    }

    @Test
    void anInterruptWhileTheAnswerIsAwaitedDropsTheConnection() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            reached.countDown();
            peer.awaitEnd();
        })) {
            assertThat(interrupted(engine, engine.get("/"))).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void anInterruptWhileTheBodyIsReadDropsTheConnection() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
            reached.countDown();
            peer.awaitEnd();
        })) {
            assertThat(interrupted(engine, engine.get("/")))
                    .isInstanceOfAny(InterruptedException.class, InterruptedIOException.class);
        }
    }

    @Test
    void anInterruptWhileALongBodyIsWrittenDropsTheConnection() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readHead();
            reached.countDown();
            over.await();
            peer.awaitEnd();
        })) {
            EngineRequest request = engine.request("POST", "/", repeatable("x".repeat(50_000_000)));
            assertThat(interrupted(engine, request)).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void anInterruptBeforeTheCallSendsNothing() throws Exception {
        try (RawEngine engine = RawEngine.answering("HTTP/1.1 204 No Content\r\n\r\n")) {
            reached.countDown();
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                Thread.currentThread().interrupt();
                try {
                    transport.send(engine.get("/"));
                } catch (Throwable e) {
                    thrown.complete(e);
                }
            });
            assertThat(thrown.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
            assertThat(engine.connections()).isZero();
        }
    }

    @Test
    void closingAnAnswerBeforeItsEndDropsTheConnection() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
            peer.awaitEnd();
        })) {
            EngineResponse answer = transport.send(engine.get("/"));
            assertThat(answer.body().read()).isEqualTo('h');
            answer.close();
            engine.awaitConnectionEnd();
            transport.assertOpenConnections(0);
        }
    }

    @Test
    void closingFromAnotherThreadEndsARead() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
            peer.awaitEnd();
        })) {
            EngineResponse answer = transport.send(engine.get("/"));
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread reader = Thread.ofVirtual().start(() -> {
                try {
                    answer.body().read();
                } catch (Throwable e) {
                    thrown.complete(e);
                }
            });
            while (reader.getState() != Thread.State.WAITING) {
                Thread.yield();
            }
            answer.close();
            assertThat(thrown.get(20, TimeUnit.SECONDS)).isInstanceOf(java.io.IOException.class);
        }
    }

    @Test
    void closingAnAnswerThatWasReadLeavesTheConnectionAlone() throws Exception {
        try (RawEngine engine = RawEngine.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
            EngineResponse first = transport.send(engine.get("/"));
            text(first);
            EngineResponse second = transport.send(engine.get("/"));
            first.close();
            first.close();
            assertThat(text(second)).isEqualTo("ok");
            transport.assertConnectionsMade(engine, 1);
            transport.assertOpenConnections(1);
        }
    }

    @Test
    void nothingIsLeftAfterManyExchangesOfAllKinds() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            String request;
            while ((request = peer.readRequest()) != null) {
                if (request.startsWith("GET /break")) {
                    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbro");
                    return;
                }
                if (request.startsWith("GET /reset")) {
                    peer.reset();
                    return;
                }
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789");
            }
        })) {
            String[] kinds = {"/read", "/close", "/break", "/reset", "/interrupt"};
            Thread[] threads = new Thread[8];
            for (int t = 0; t < threads.length; t++) {
                int seed = t;
                threads[t] = Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < 100; i++) {
                        exchange(engine, kinds[(seed + i) % kinds.length]);
                    }
                });
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(transport.open().getAsInt()).isLessThanOrEqualTo(threads.length);
            transport.close();
            transport.assertOpenConnections(0);
        }
    }

    private void exchange(RawEngine engine, String kind) {
        if (kind.equals("/interrupt")) {
            Thread.currentThread().interrupt();
        }
        try (EngineResponse answer = transport.send(engine.get(kind))) {
            if (!kind.equals("/close")) {
                text(answer);
            }
        } catch (java.io.IOException | InterruptedException e) {
            // What is left behind is all that counts here.
        }
    }

    /** The end of the connection must not wait behind megabytes that a busy engine has not read. */
    @Test
    @OverSocketsOnly("closes without a reset, behind what the kernel has taken already")
    void anInterruptWhileALargeBodyIsUnderWayIsSeenBeforeTheBodyIsRead() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            EngineRequest request = new EngineRequest(
                    "POST",
                    new Target("127.0.0.1", listener.getLocalPort()),
                    "/",
                    Requests.headers(),
                    Requests.repeatable("x".repeat(20 << 20)));
            CountDownLatch ended = new CountDownLatch(1);
            Thread thread = Thread.ofVirtual().start(() -> {
                try (EngineResponse answer = transport.send(request)) {
                    text(answer);
                } catch (IOException | InterruptedException e) {
                    ended.countDown();
                }
            });
            try (Socket engine = listener.accept()) {
                assertThat(engine.getInputStream().read()).isEqualTo('P');
                thread.interrupt();
                assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
                assertThatThrownBy(() -> engine.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
            }
        }
    }

    @Test
    void anInterruptThatComesWithTheAnswerLeavesNoConnectionBehind() throws Exception {
        int rounds = 200;
        Semaphore read = new Semaphore(0);
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            read.release();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
            peer.awaitEnd();
        })) {
            for (int i = 0; i < rounds; i++) {
                int pause = i;
                CompletableFuture<Void> over = new CompletableFuture<>();
                Thread thread = Thread.ofVirtual().start(() -> {
                    try {
                        transport.send(engine.get("/")).close();
                    } catch (Exception e) {
                        // Interrupted before the answer was there.
                    } finally {
                        over.complete(null);
                    }
                });
                assertThat(read.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
                for (int spin = 0; spin < pause * 20; spin++) {
                    Thread.onSpinWait();
                }
                thread.interrupt();
                over.get(20, TimeUnit.SECONDS);
                engine.awaitConnectionEnd();
            }
        }
    }
}
