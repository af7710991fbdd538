package dev.pdrouter;

import static dev.pdrouter.Requests.repeatable;
import static dev.pdrouter.Requests.text;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pdrouter.internal.http.RequestBodyException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.SocketException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that are read while they are sent. */
@Timeout(60)
class UploadTest extends OnEachTransport {

    private static final long LONG = 50_000_000;
    private static final String BODY_FIRST = "hears nothing before the whole body is sent";

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    /** A source that ends by failing. */
    private static InputStream failingAfter(int bytes) {
        return new InputStream() {
            private int left = bytes;

            @Override
            public int read() throws IOException {
                if (left == 0) {
                    throw new IOException("the client is gone");
                }
                left--;
                return 'x';
            }
        };
    }

    private static InputStream zeros(long count) {
        return new InputStream() {
            private long left = count;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] b, int off, int len) {
                int size = (int) Math.min(left, len);
                left -= size;
                return size == 0 ? -1 : size;
            }
        };
    }

    @Test
    void eachPieceReachesTheEngineWhileTheNextIsAwaited() throws Exception {
        PipedOutputStream client = new PipedOutputStream();
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readHead();
            received.add(peer.read("3\r\none\r\n".length()));
            received.add(peer.read("3\r\ntwo\r\n0\r\n\r\n".length()));
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            peer.awaitEnd();
        })) {
            Body body = Body.of(new PipedInputStream(client), -1);
            Thread.ofVirtual().start(() -> {
                try (client) {
                    client.write("one".getBytes(ISO_8859_1));
                    client.flush();
                    received.add("seen " + received.take());
                    client.write("two".getBytes(ISO_8859_1));
                } catch (IOException | InterruptedException e) {
                    received.add(e.toString());
                }
            });
            assertThat(text(transport.send(engine.request("POST", "/", body)))).isEqualTo("ok");
            assertThat(received).containsExactly("seen 3\r\none\r\n", "3\r\ntwo\r\n0\r\n\r\n");
        }
    }

    @Test
    @OverSocketsOnly(BODY_FIRST)
    void theAnswerMayBeginBeforeTheBodyEnds() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readHead();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + LONG + "\r\n\r\n");
            byte[] bytes = new byte[64 * 1024];
            for (long left = LONG; left > 0; ) {
                int count = peer.in.read(bytes, 0, (int) Math.min(left, bytes.length));
                peer.socket.getOutputStream().write(bytes, 0, count);
                left -= count;
            }
        })) {
            try (EngineResponse answer = transport.send(engine.request("POST", "/", Body.of(zeros(LONG), LONG)))) {
                assertThat(answer.body().transferTo(java.io.OutputStream.nullOutputStream()))
                        .isEqualTo(LONG);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @OverSocketsOnly(BODY_FIRST)
    void anEngineThatRefusesEarlyIsHeard(boolean repeatable) throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readHead();
            peer.write("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig");
            peer.socket.shutdownOutput();
            if (!repeatable) {
                peer.awaitEnd();
            }
        })) {
            Body body = repeatable ? repeatable("x".repeat(20_000_000)) : Body.of(zeros(LONG), LONG);
            EngineResponse answer = transport.send(engine.request("POST", "/", body));
            assertThat(answer.status()).isEqualTo(413);
            assertThat(text(answer)).isEqualTo("big");
            engine.awaitConnectionEnd();
            transport.assertOpenConnections(0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100_000, 200_000, 600_000, 1_000_000, 2_000_000})
    @OverSocketsOnly(BODY_FIRST)
    void anEngineThatRefusesWithoutReadingIsHeard(int length) throws Exception {
        CountDownLatch heard = new CountDownLatch(1);
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readHead();
            peer.write("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
            heard.await();
        })) {
            Body body = repeatable("x".repeat(length));
            assertThat(text(transport.send(engine.request("POST", "/", body)))).isEqualTo("big");
            heard.countDown();
        }
    }

    @Test
    @OverSocketsOnly(BODY_FIRST)
    void anAnswerThatEndsBeforeTheBodyDoesDropsTheConnection() throws Exception {
        PipedOutputStream client = new PipedOutputStream();
        try (client;
                RawEngine engine = new RawEngine(peer -> {
                    peer.readHead();
                    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    peer.awaitEnd();
                })) {
            EngineResponse answer =
                    transport.send(engine.request("POST", "/", Body.of(new PipedInputStream(client), -1)));
            assertThat(text(answer)).isEqualTo("ok");
            engine.awaitConnectionEnd();
            transport.assertOpenConnections(0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 200_000, 1_000})
    void aSourceThatFailsIsNotTheEnginesFaultAndTheEngineTakesNothingForWhole(int length) throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            try {
                String request = peer.readRequest();
                received.add(request == null ? "nothing" : request);
            } catch (SocketException e) {
                received.add("a reset");
            }
        })) {
            Body body = Body.of(failingAfter(500), length);
            Throwable failure = catchThrowable(() -> transport.send(engine.request("POST", "/", body)));
            assertThat(failure).isInstanceOf(RequestBodyException.class).hasRootCauseMessage("the client is gone");
            transport.assertOpenConnections(0);
            if (length != 1_000) {
                assertThat(received.poll(20, TimeUnit.SECONDS)).doesNotEndWith("0\r\n\r\n");
            }
        }
    }

    @Test
    @OverSocketsOnly(BODY_FIRST)
    void aSourceThatFailsWhileTheAnswerIsReadIsNamedThere() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        InputStream source = new InputStream() {
            @Override
            public int read() throws IOException {
                try {
                    begun.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new IOException("the client is gone");
            }
        };
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readHead();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
            peer.awaitEnd();
        })) {
            EngineResponse answer = transport.send(engine.request("POST", "/", Body.of(source, -1)));
            assertThat(answer.body().read()).isEqualTo('o');
            begun.countDown();
            assertThatThrownBy(() -> answer.body().read())
                    .isInstanceOf(RequestBodyException.class)
                    .hasRootCauseMessage("the client is gone");
            engine.awaitConnectionEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 100_000})
    void aBodyOfAnotherLengthThanPromisedIsTheSendersFault(int promised) throws Exception {
        try (RawEngine engine = new RawEngine(RawEngine.Peer::awaitEnd)) {
            for (int real : new int[] {promised - 1, promised + 1}) {
                Body body = Body.of(new ByteArrayInputStream(new byte[real]), promised);
                assertThatThrownBy(() -> transport.send(engine.request("POST", "/", body)))
                        .isInstanceOf(RequestBodyException.class);
            }
            transport.assertOpenConnections(0);
        }
    }

    @Test
    @OverSocketsOnly(BODY_FIRST)
    void closingTheAnswerEarlyStopsTheUpload() throws Exception {
        CountDownLatch stopped = new CountDownLatch(1);
        InputStream source = new InputStream() {
            @Override
            public int read() throws IOException {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    stopped.countDown();
                }
                throw new IOException("stopped");
            }
        };
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readHead();
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
            peer.awaitEnd();
        })) {
            transport.send(engine.request("POST", "/", Body.of(source, -1))).close();
            assertThat(stopped.await(20, TimeUnit.SECONDS)).isTrue();
            engine.awaitConnectionEnd();
        }
    }
}
