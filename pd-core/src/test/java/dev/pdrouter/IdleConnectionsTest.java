package dev.pdrouter;

import static dev.pdrouter.Requests.repeatable;
import static dev.pdrouter.Requests.stream;
import static dev.pdrouter.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Engines close connections that are idle, at moments of their own. */
@ExtendWith(OnVirtualThread.class)
class IdleConnectionsTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final AtomicLong now = new AtomicLong(System.nanoTime());
    private final SocketTransport transport = SocketTransport.builder()
            .clock(now::get)
            .maxIdleConnectionsPerHost(2)
            .build();
    private final AtomicInteger requests = new AtomicInteger();

    @AfterEach
    void close() {
        transport.close();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    /** An engine that closes each connection after its first answer, without saying so. */
    private RawEngine closingAfterOne() throws IOException {
        return new RawEngine(peer -> {
            peer.readRequest();
            requests.incrementAndGet();
            peer.write(OK);
        });
    }

    private RawEngine answering() throws IOException {
        return RawEngine.answering(OK);
    }

    private void exchange(RawEngine engine, Body body) throws Exception {
        assertThat(text(transport.send(engine.request("POST", "/", body)))).isEqualTo("ok");
    }

    @Test
    void aRequestThatFindsItsConnectionClosedIsSentOnceMore() throws Exception {
        try (RawEngine engine = closingAfterOne()) {
            for (Body body : List.of(Body.NONE, repeatable("{}"), repeatable("x".repeat(300_000)), stream("s"))) {
                exchange(engine, body);
                engine.awaitConnectionEnd();
                pass(Duration.ofSeconds(2));
            }
            assertThat(requests).hasValue(4);
            assertThat(transport.openConnections()).isEqualTo(1);
        }
    }

    @Test
    void aResetWhileIdleIsSeenToo() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            boolean first = requests.incrementAndGet() == 1;
            peer.write(OK);
            if (first) {
                answered.await();
                peer.reset();
            }
        })) {
            exchange(engine, repeatable("{}"));
            answered.countDown();
            engine.awaitConnectionEnd();
            pass(Duration.ofSeconds(2));
            exchange(engine, repeatable("{}"));
            assertThat(requests).hasValue(2);
        }
    }

    @Test
    void aRequestThatTheEngineGotWholeIsNotSentAgain() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            requests.incrementAndGet();
            peer.write(OK);
            if (peer.readRequest() != null) {
                requests.incrementAndGet();
            }
        })) {
            exchange(engine, repeatable("{}"));
            pass(Duration.ofSeconds(2));
            assertThatThrownBy(() -> exchange(engine, repeatable("{}"))).isInstanceOf(IOException.class);
            assertThat(requests).hasValue(2);
            assertThat(transport.openConnections()).isZero();
        }
    }

    @Test
    void aConnectionThatWasJustUsedIsNotDoubted() throws Exception {
        try (RawEngine engine = closingAfterOne()) {
            exchange(engine, repeatable("{}"));
            engine.awaitConnectionEnd();
            assertThatThrownBy(() -> exchange(engine, repeatable("{}"))).isInstanceOf(IOException.class);
            assertThat(requests).hasValue(1);
        }
    }

    @Test
    void anEngineThatClosesSoonerThanMostIsDoubtedToo() throws Exception {
        try (RawEngine engine = closingAfterOne()) {
            exchange(engine, repeatable("{}"));
            engine.awaitConnectionEnd();
            pass(Duration.ofMillis(60));
            exchange(engine, repeatable("{}"));
            assertThat(requests).hasValue(2);
        }
    }

    @Test
    void aLivingConnectionServesAfterAWhile() throws Exception {
        try (RawEngine engine = answering()) {
            for (Body body : List.of(Body.NONE, repeatable("{}"), repeatable("x".repeat(300_000)), stream("s"))) {
                exchange(engine, body);
                pass(Duration.ofSeconds(3));
            }
            assertThat(engine.connections()).isEqualTo(1);
        }
    }

    @Test
    void bytesThatNobodyAskedForAreNoAnswer() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        CountDownLatch sent = new CountDownLatch(1);
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            boolean first = requests.incrementAndGet() == 1;
            peer.write(OK);
            if (first) {
                answered.await();
                peer.write("HTTP/1.1 408 Request Timeout\r\nContent-Length: 2\r\n\r\nno");
                sent.countDown();
                peer.awaitEnd();
            }
        })) {
            exchange(engine, repeatable("{}"));
            answered.countDown();
            sent.await();
            pass(Duration.ofSeconds(2));
            exchange(engine, repeatable("{}"));
            assertThat(engine.connections()).isEqualTo(2);
        }
    }

    @Test
    void anOldConnectionIsNotUsedAndGoes() throws Exception {
        try (RawEngine engine = answering()) {
            exchange(engine, Body.NONE);
            pass(Duration.ofMillis(4001));
            exchange(engine, Body.NONE);
            assertThat(engine.connections()).isEqualTo(2);
            engine.awaitConnectionEnd();
            assertThat(transport.openConnections()).isEqualTo(1);
        }
    }

    @Test
    void theConnectionUsedLastIsUsedNext() throws Exception {
        List<Integer> ports = new ArrayList<>();
        try (RawEngine engine = new RawEngine(peer -> {
            String request;
            while ((request = peer.readRequest()) != null) {
                if (request.startsWith("GET /port")) {
                    synchronized (ports) {
                        ports.add(peer.socket.getPort());
                    }
                }
                peer.write(OK);
            }
        })) {
            EngineResponse first = transport.send(engine.get("/"));
            EngineResponse second = transport.send(engine.get("/port"));
            text(first);
            text(second);
            text(transport.send(engine.get("/port")));
            assertThat(ports).hasSize(2);
            assertThat(ports.get(0)).isEqualTo(ports.get(1));
        }
    }

    @Test
    void noMoreConnectionsAreKeptThanAllowed() throws Exception {
        try (RawEngine engine = answering()) {
            List<EngineResponse> answers = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                answers.add(transport.send(engine.get("/")));
            }
            assertThat(transport.openConnections()).isEqualTo(5);
            for (EngineResponse answer : answers) {
                text(answer);
            }
            assertThat(transport.openConnections()).isEqualTo(2);
            for (int i = 0; i < 3; i++) {
                engine.awaitConnectionEnd();
            }
        }
    }

    @Test
    void closingClosesIdleConnectionsNowAndOthersAtTheirEnd() throws Exception {
        try (RawEngine engine = answering()) {
            EngineResponse inUse = transport.send(engine.get("/"));
            exchange(engine, Body.NONE);
            assertThat(transport.openConnections()).isEqualTo(2);
            transport.close();
            assertThat(transport.openConnections()).isEqualTo(1);
            assertThat(text(inUse)).isEqualTo("ok");
            assertThat(transport.openConnections()).isZero();
        }
    }
}
