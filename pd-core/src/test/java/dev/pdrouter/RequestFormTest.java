package dev.pdrouter;

import static dev.pdrouter.Requests.headers;
import static dev.pdrouter.Requests.repeatable;
import static dev.pdrouter.Requests.stream;
import static dev.pdrouter.Requests.text;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request looks like to the engine. */
class RequestFormTest extends OnEachTransport {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

    private RawEngine recording() throws Exception {
        return new RawEngine(peer -> {
            for (String request = peer.readRequest(); request != null; request = peer.readRequest()) {
                requests.add(request);
                peer.write(OK);
            }
        });
    }

    @Test
    @OverSocketsOnly("sends no target that is no URI, no header beyond ASCII, and headers in another order")
    void aRequestIsSentAsItIs() throws Exception {
        try (RawEngine engine = recording()) {
            EngineRequest request = new EngineRequest(
                    "POST",
                    engine.target(),
                    "/v1/ch%61t?q={raw}",
                    headers("Accept", "a", "accept-two", "x", "accept-two", "y", "X-Latin", "gr\u00fcn"),
                    repeatable("{\"a\":1}"));

            EngineResponse answer = transport.send(request);

            assertThat(answer.status()).isEqualTo(200);
            assertThat(text(answer)).isEqualTo("ok");
            assertThat(requests.take())
                    .isEqualTo("POST /v1/ch%61t?q={raw} HTTP/1.1\r\nHost: " + engine.target()
                            + "\r\nAccept: a\r\naccept-two: x\r\naccept-two: y\r\nX-Latin: gr\u00fcn"
                            + "\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
        }
    }

    @Test
    @OverSocketsOnly("writes head and body apart")
    void headAndSmallBodyLeaveInOneWrite() throws Exception {
        String body = "x".repeat(12_000);
        BlockingQueue<Integer> firstReads = new LinkedBlockingQueue<>();
        try (RawEngine engine = new RawEngine(peer -> {
            firstReads.add(peer.socket.getInputStream().read(new byte[64 * 1024]));
            peer.write(OK);
        })) {
            transport.send(engine.request("POST", "/", repeatable(body))).close();
            assertThat(firstReads.take()).isGreaterThan(body.length());
        }
    }

    @Test
    void aLongBodyArrivesWhole() throws Exception {
        String body = "0123456789".repeat(200_000);
        try (RawEngine engine = recording()) {
            text(transport.send(engine.request("POST", "/", repeatable(body))));
            assertThat(requests.take())
                    .contains("\r\nContent-Length: 2000000\r\n")
                    .endsWith("\r\n\r\n" + body);
        }
    }

    @Test
    void aBodyOfUnknownLengthIsSentInChunks() throws Exception {
        try (RawEngine engine = recording()) {
            text(transport.send(engine.request("POST", "/", stream("x".repeat(20)))));
            assertThat(requests.take())
                    .containsIgnoringCase("\r\nTransfer-Encoding: chunked\r\n")
                    .endsWith("\r\n\r\n14\r\n" + "x".repeat(20) + "\r\n0\r\n\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "DELETE"})
    void withoutBodyNoLengthIsSent(String method) throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            requests.add(peer.readRequest());
            peer.write("HTTP/1.1 204 No Content\r\n\r\n");
        })) {
            transport.send(engine.request(method, "/", Body.NONE)).close();
            assertThat(requests.take())
                    .startsWith(method + " / HTTP/1.1\r\nHost: " + engine.target() + "\r\n")
                    .doesNotContainIgnoringCase("length", "encoding")
                    .endsWith("\r\n\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH"})
    void methodsThatHaveABodySayThatThereIsNone(String method) throws Exception {
        try (RawEngine engine = recording()) {
            transport.send(engine.request(method, "/", Body.NONE)).close();
            assertThat(requests.take()).contains("\r\nContent-Length: 0\r\n").endsWith("\r\n\r\n");
        }
    }

    @Test
    void framingAndHopByHopHeadersGivenAreNotSent() throws Exception {
        try (RawEngine engine = recording()) {
            EngineRequest request = new EngineRequest(
                    "POST",
                    engine.target(),
                    "/",
                    headers(
                            "HOST",
                            "other",
                            "content-length",
                            "9",
                            "transfer-encoding",
                            "chunked",
                            "connection",
                            "upgrade",
                            "upgrade",
                            "h2c",
                            "http2-settings",
                            "x"),
                    Body.NONE);
            transport.send(request).close();
            assertThat(requests.take())
                    .contains("\r\nHost: " + engine.target() + "\r\n", "\r\nContent-Length: 0\r\n")
                    .doesNotContainIgnoringCase("other", "length: 9", "chunked", "upgrade", "h2c", "http2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "\u20ac"})
    void aHeaderValueCannotEndItsLine(String value) throws Exception {
        try (RawEngine engine = recording()) {
            EngineRequest request = new EngineRequest("GET", engine.target(), "/", headers("X", value), Body.NONE);
            assertThatThrownBy(() -> transport.send(request)).isInstanceOf(IllegalArgumentException.class);

            transport.send(engine.get("/next")).close();
            assertThat(requests.take()).startsWith("GET /next ");
            assertThat(engine.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a\r\nb", "a:b", "gr\u00fcn"})
    void aHeaderNameIsAToken(String name) throws Exception {
        try (RawEngine engine = recording()) {
            EngineRequest request = new EngineRequest("GET", engine.target(), "/", headers(name, "v"), Body.NONE);
            assertThatThrownBy(() -> transport.send(request)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a b", "/a\r\nb", "/\u20ac"})
    void theTargetCannotEndItsLine(String target) throws Exception {
        try (RawEngine engine = recording()) {
            assertThatThrownBy(() -> transport.send(engine.get(target))).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void bytesOfAStreamAreNotChanged() throws Exception {
        byte[] all = new byte[300_000];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) (i * 31);
        }
        try (MockWebServer server = new MockWebServer()) {
            server.enqueue(new MockResponse.Builder().body("thanks").build());
            server.start();
            Target target = new Target("127.0.0.1", server.getPort());
            EngineRequest request = new EngineRequest(
                    "PUT", target, "/up", headers(), Body.of(new ByteArrayInputStream(all), all.length));

            assertThat(text(transport.send(request))).isEqualTo("thanks");

            RecordedRequest recorded = server.takeRequest();
            assertThat(recorded.getHeaders().get("Content-Length")).isEqualTo("300000");
            assertThat(Arrays.equals(recorded.getBody().toByteArray(), all)).isTrue();
        }
    }

    @Test
    void aMissingHeaderValueIsEmpty() throws Exception {
        try (RawEngine engine = RawEngine.answering("HTTP/1.1 200\r\nX-Empty:\r\nContent-Length:0\r\n\r\n")) {
            EngineResponse answer = transport.send(engine.get("/"));
            assertThat(answer.headers().firstValue("x-empty")).hasValue("");
            assertThat(new String(answer.body().readAllBytes(), ISO_8859_1)).isEmpty();
        }
    }
}
