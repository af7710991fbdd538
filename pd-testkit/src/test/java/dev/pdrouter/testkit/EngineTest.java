package dev.pdrouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class EngineTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Test
    void recordsWhatWasAskedAsItCame() throws Exception {
        try (Engine engine = Engine.start(call -> call.answer(200, "text/plain", "echo " + call.text()));
                Peer peer = new Peer(engine)) {
            peer.send("POST /a%20b?x=%7B HTTP/1.1\r\nhOsT: x\r\nX-One: 1\r\nx-one:  2 \r\nContent-Length: 2\r\n\r\nhi");
            assertThat(peer.answer()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("echo hi");
            EngineCall call = engine.awaitCall(0);
            assertThat(call.head().target()).isEqualTo("/a%20b?x=%7B");
            assertThat(call.head().path()).isEqualTo("/a%20b");
            assertThat(call.head().headers().getFirst()).isEqualTo(new HeaderField("hOsT", "x"));
            assertThat(call.head().headerValues("X-ONE")).containsExactly("1", "2");
            assertThat(call.awaitAnswered(PATIENCE)).isGreaterThan(call.received());
        }
    }

    @Test
    void decodesChunksAndAnswersExpectations() throws Exception {
        try (Engine engine = Engine.start(call -> call.answer(200, "text/plain", call.text()));
                Peer peer = new Peer(engine)) {
            peer.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
            assertThat(peer.head()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            peer.send("3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n");
            assertThat(peer.answer()).endsWith("abcde");
        }
    }

    @Test
    void servesSeveralCallsOverOneConnection() throws Exception {
        try (Engine engine = Engine.start(call -> call.answer(200, "text/plain", call.text()));
                Peer peer = new Peer(engine)) {
            String post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n";
            peer.send(post + "a" + post + "b");
            assertThat(peer.answer()).endsWith("a");
            assertThat(peer.answer()).endsWith("b");
            assertThat(engine.acceptedConnections()).isEqualTo(1);
            assertThat(engine.awaitCall(0).gone()).isEmpty();
        }
    }

    @Test
    void aCallIsNotHeardAgainWhenItsPeerResetsTheConnection() throws Exception {
        try (Engine engine = Engine.start(call -> call.answer(200, "text/plain", "ok"))) {
            Peer peer = new Peer(engine);
            peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            peer.answer();
            peer.socket.setSoLinger(true, 0);
            peer.close();
            engine.awaitOpenConnections(0, PATIENCE);
            assertThat(engine.calls()).hasSize(1);
        }
    }

    @Test
    void seesThePeerLeaveWhileTheHandlerIsBusy() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (Engine engine = Engine.start(call -> never.await())) {
            Peer peer = new Peer(engine);
            peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            EngineCall call = engine.awaitCall(0);
            long left = System.nanoTime();
            peer.close();
            assertThat(call.awaitGone(PATIENCE)).isGreaterThanOrEqualTo(left);
            assertThat(call.answered()).isEmpty();
        }
    }

    @Test
    void aCutAnswerHasNoLastChunk() throws Exception {
        try (Engine engine = Engine.start(call -> {
                    call.begin(200, List.of()).send("half");
                    call.close();
                });
                Peer peer = new Peer(engine)) {
            peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(peer.rest()).endsWith("\r\n\r\n4\r\nhalf\r\n");
        }
    }

    @Test
    void resetsByRst() throws Exception {
        try (Engine engine = Engine.start(EngineCall::reset);
                Peer peer = new Peer(engine)) {
            peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThatThrownBy(peer::rest).isInstanceOf(IOException.class).hasMessageContaining("reset");
        }
    }

    @Test
    void aHandlerThatReturnsWithoutAnAnswerClosesItsConnection() throws Exception {
        try (Engine engine = Engine.start(call -> {});
                Peer peer = new Peer(engine)) {
            peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(peer.rest()).isEmpty();
            engine.awaitOpenConnections(0, PATIENCE);
        }
    }

    @Test
    void closesIdleConnections() throws Exception {
        try (Engine engine = Engine.builder(call -> call.answer(200, "text/plain", "a"))
                        .idleTimeout(Duration.ofMillis(1))
                        .start();
                Peer peer = new Peer(engine)) {
            peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(peer.rest()).endsWith("a");
        }
    }

    @Test
    void refusesAndListensAgainOnTheSamePort() throws Exception {
        try (Engine engine = Engine.start(call -> call.answer(200, "text/plain", "a"))) {
            engine.refuse();
            assertThatThrownBy(() -> new Peer(engine)).isInstanceOf(ConnectException.class);
            engine.listen();
            try (HttpClient client = HttpClient.newHttpClient()) {
                HttpRequest request = HttpRequest.newBuilder(engine.uri("/")).build();
                assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                                .body())
                        .isEqualTo("a");
            }
        }
    }

    @Test
    void leavesBodiesToTheHandlerWhenTold() throws Exception {
        try (Engine engine = Engine.builder(call -> {
                            call.awaitGone(PATIENCE);
                        })
                        .streamBodies()
                        .start();
                Peer peer = new Peer(engine)) {
            peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nab");
            assertThat(engine.awaitCall(0).body()).isEmpty();
        }
        CountDownLatch seen = new CountDownLatch(1);
        try (Engine engine = Engine.builder(call -> {
                    try (InputStream body = call.bodyStream()) {
                        body.readAllBytes();
                    } catch (IOException e) {
                        seen.countDown();
                        throw e;
                    }
                })
                .streamBodies()
                .start()) {
            try (Peer peer = new Peer(engine)) {
                peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nab");
                engine.awaitCall(0);
            }
            seen.await();
            engine.awaitCall(0).awaitGone(PATIENCE);
        }
    }

    @Test
    void refusesWhatIsNotHttp() throws Exception {
        try (Engine engine = Engine.start(call -> {})) {
            for (String bad : List.of(
                    "GET / HTTP/1.1\r\n\r\n",
                    "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n")) {
                try (Peer peer = new Peer(engine)) {
                    peer.send(bad);
                    assertThat(peer.rest()).startsWith("HTTP/1.1 400").endsWith("received.");
                }
            }
            assertThat(engine.malformed()).hasSize(4);
            assertThat(engine.calls()).isEmpty();
        }
    }

    @Test
    void keepsWhatAHandlerThrew() throws Exception {
        try (Engine engine = Engine.start(call -> {
                    throw new AssertionError("no");
                });
                Peer peer = new Peer(engine)) {
            peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(peer.answer()).startsWith("HTTP/1.1 500");
            assertThat(engine.failures()).singleElement().isInstanceOf(AssertionError.class);
        }
    }

    /** A client that sends exactly the bytes it is told to. */
    private static final class Peer implements AutoCloseable {
        private final Socket socket;
        private final WireInput in;

        Peer(Engine engine) throws IOException {
            socket = new Socket("127.0.0.1", engine.port());
            in = new WireInput(socket.getInputStream());
        }

        void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }

        String head() throws IOException {
            StringBuilder head = new StringBuilder();
            for (String line = in.line(); !line.isEmpty(); line = in.line()) {
                head.append(line).append("\r\n");
            }
            return head.append("\r\n").toString();
        }

        String answer() throws IOException {
            String head = head();
            int length = Integer.parseInt(head.replaceAll("(?s).*Content-Length: (\\d+).*", "$1"));
            return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
        }

        String rest() throws IOException {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
