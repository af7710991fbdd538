package dev.pdrouter;

import static dev.pdrouter.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where an engine's answer ends. */
class AnswerFramingTest extends OnEachTransport {

    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    /** The answer, then the end of the connection. */
    private static RawEngine closingAfter(String answer) throws IOException {
        return new RawEngine(peer -> {
            peer.readRequest();
            peer.write(answer);
        });
    }

    private String exchange(RawEngine engine, String method) throws Exception {
        try (EngineResponse answer = transport.send(engine.request(method, "/", Body.NONE))) {
            return answer.status() + ":" + text(answer);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello | 200:hello",
                "HTTP/1.1 200 OK\\nContent-Length: 5\\n\\nhello | 200:hello",
                "HTTP/1.1 404\\r\\ncontent-length:5\\r\\n\\r\\nhello | 404:hello",
                "HTTP/1.1 204 No Content\\r\\n\\r\\n | 204:",
                "HTTP/1.1 304 Not Modified\\r\\nContent-Length: 5\\r\\n\\r\\n | 304:",
                "HTTP/1.1 103 Early Hints\\r\\nLink: x\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\n\\r\\nx | 200:x",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: Chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n | 200:hello",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n | 200:",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n2;x=\"y\"\\r\\nhe\\r\\n003 \\r\\nllo\\r\\n0;z\\r\\nA: b\\r\\nC: d\\r\\n\\r\\n | 200:hello",
            })
    void aWholeAnswerIsReadAndItsConnectionUsedAgain(String written, String read) throws Exception {
        try (RawEngine engine = RawEngine.answering(unescape(written))) {
            String expected = read.strip();
            assertThat(exchange(engine, "GET")).isEqualTo(expected);
            assertThat(exchange(engine, "GET")).isEqualTo(expected);
            transport.assertConnectionsMade(engine, 1);
        }
    }

    @ParameterizedTest
    @OverSocketsOnly(
            "refuses a list of equal lengths, and waits for a chunk's carriage return until the connection ends")
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\\r\\nContent-Length: 5, 5\\r\\nContent-Length: 5\\r\\n\\r\\nhello",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\nhello\\n0\\n\\n",
            })
    void aWholeAnswerInUnusualFormIsRead(String written) throws Exception {
        try (RawEngine engine = RawEngine.answering(unescape(written))) {
            assertThat(exchange(engine, "GET")).isEqualTo("200:hello");
            assertThat(exchange(engine, "GET")).isEqualTo("200:hello");
            transport.assertConnectionsMade(engine, 1);
        }
    }

    @Test
    @OverSocketsOnly("refuses a list of equal lengths")
    void aLengthThatIsRepeatedInItsLineIsOneNumber() throws Exception {
        try (RawEngine engine = RawEngine.answering("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello")) {
            try (EngineResponse answer = transport.send(engine.get("/"))) {
                assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(5);
            }
        }
    }

    @Test
    @OverSocketsOnly("reads by the length, so that such an answer is refused")
    void aCodingOverridesALengthAndEndsTheConnection() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            peer.write(
                    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
            peer.awaitEnd();
        })) {
            assertThat(exchange(engine, "GET")).isEqualTo("200:hello");
            engine.awaitConnectionEnd();
            transport.assertOpenConnections(0);
        }
    }

    @Test
    void eachByteMayComeByItself() throws Exception {
        String answer = "HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3;ext\r\nabc\r\n0A\r\n0123456789\r\n0\r\nT: u\r\n\r\n";
        try (RawEngine engine = new RawEngine(peer -> {
            while (peer.readRequest() != null) {
                for (int i = 0; i < answer.length(); i++) {
                    peer.write(answer.substring(i, i + 1));
                    Thread.yield();
                }
            }
        })) {
            assertThat(exchange(engine, "GET")).isEqualTo("200:abc0123456789");
            assertThat(exchange(engine, "GET")).isEqualTo("200:abc0123456789");
            transport.assertConnectionsMade(engine, 1);
        }
    }

    @ParameterizedTest
    @OverSocketsOnly("drops what came in the same read")
    @ValueSource(strings = {"\\r\\nzz\\r\\n", "yy\\r\\n", "\\r\\n\\r\\n"})
    void whatCameBeforeAMistakeInTheChunksIsRead(String mistake) throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
                    peer.readRequest();
                    peer.write(CHUNKED + "5\r\nhello" + unescape(mistake));
                    peer.awaitEnd();
                });
                EngineResponse answer = transport.send(engine.get("/"))) {
            assertThat(answer.body().readNBytes(5)).asString().isEqualTo("hello");
            assertThatThrownBy(() -> answer.body().read()).hasMessageContaining("malformed");
            engine.awaitConnectionEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4095, 8191, 8192, 8193, 100_000, 1_000_000})
    void bodiesOfAnySizeArrive(int size) throws Exception {
        String body = "0123456789abcdef".repeat(size / 16 + 1).substring(0, size);
        try (RawEngine plain = RawEngine.answering("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n" + body);
                RawEngine chunked = RawEngine.answering(CHUNKED
                        + (size == 0 ? "" : Integer.toHexString(size) + "\r\n" + body + "\r\n") + "0\r\n\r\n")) {
            for (int i = 0; i < 2; i++) {
                assertThat(exchange(plain, "GET")).isEqualTo("200:" + body);
                assertThat(exchange(chunked, "GET")).isEqualTo("200:" + body);
            }
            transport.assertConnectionsMade(plain, 1);
            transport.assertConnectionsMade(chunked, 1);
        }
    }

    @Test
    void anAnswerToHeadHasNoBody() throws Exception {
        try (RawEngine engine = RawEngine.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: x\r\n\r\n")) {
            assertThat(exchange(engine, "HEAD")).isEqualTo("200:");
            assertThat(exchange(engine, "HEAD")).isEqualTo("200:");
            transport.assertConnectionsMade(engine, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\\r\\n\\r\\nhello",
                "HTTP/1.0 200 OK\\r\\n\\r\\nhello",
                "HTTP/1.0 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello",
                "HTTP/1.1 200 OK\\r\\nConnection: x, Close\\r\\nContent-Length: 5\\r\\n\\r\\nhello",
                "HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhelloHTTP/1.1 200 OK\\r\\n",
            })
    void aConnectionThatMayNotServeAgainIsClosed(String answer) throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            peer.write(unescape(answer));
            peer.socket.shutdownOutput();
            peer.awaitEnd();
        })) {
            assertThat(exchange(engine, "GET")).isEqualTo("200:hello");
            engine.awaitConnectionEnd();
            transport.assertOpenConnections(0);
        }
    }

    @Test
    void http10KeepsTheConnectionWhenItSaysSo() throws Exception {
        try (RawEngine engine =
                RawEngine.answering("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok")) {
            exchange(engine, "GET");
            exchange(engine, "GET");
            transport.assertConnectionsMade(engine, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhell",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhell",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhelloX",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n",
            })
    void aBodyThatBreaksOffNeverLooksWhole(String answer) throws Exception {
        try (RawEngine engine = closingAfter(unescape(answer))) {
            EngineResponse response;
            try {
                response = transport.send(engine.get("/"));
            } catch (IOException brokenOffAsTheHeadCame) {
                return; // java.net.http may see the end of the connection before it hands out the head
            }
            assertThatThrownBy(() -> text(response)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> response.body().read()).isInstanceOf(IOException.class);
            transport.assertOpenConnections(0);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK\\r\\nContent-Le",
                "HTTP/1.1 200 OK\\r\\n",
                "HTTP/2 200\\r\\n\\r\\n",
                "ICY 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n",
                "\\r\\nHTTP/1.1 200 OK\\r\\n\\r\\n",
                "HTTP/1.1 2x0 OK\\r\\n\\r\\n",
                "HTTP/1.1 600 OK\\r\\n\\r\\n",
                "HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: h2c\\r\\n\\r\\n",
                "HTTP/1.1 200 OK\\r\\nA b: c\\r\\n\\r\\n",
                "HTTP/1.1 200 OK\\r\\nA : c\\r\\n\\r\\n",
                "HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\nContent-Length: 6\\r\\n\\r\\nhello",
                "HTTP/1.1 200 OK\\r\\nContent-Length: -5\\r\\n\\r\\nhello",
                "HTTP/1.1 200 OK\\r\\nContent-Length: +5\\r\\n\\r\\nhello",
                "HTTP/1.1 200 OK\\r\\nContent-Length: 0x5\\r\\n\\r\\nhello",
                "HTTP/1.1 200 OK\\r\\nContent-Length: 99999999999999999999\\r\\n\\r\\nhello",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: gzip, chunked\\r\\n\\r\\n0\\r\\n\\r\\n",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: identity\\r\\n\\r\\nhello",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nxyz\\r\\n",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n-5\\r\\n",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nfffffffffffffffff\\r\\n",
                "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n\\r\\n",
            })
    void nonsenseIsAnError(String answer) throws Exception {
        try (RawEngine engine = closingAfter(unescape(answer))) {
            assertThatThrownBy(() -> exchange(engine, "GET"))
                    .isInstanceOf(IOException.class)
                    .message()
                    .doesNotContain("hello");
            transport.assertOpenConnections(0);
        }
    }

    @ParameterizedTest
    @OverSocketsOnly("mends the line")
    @ValueSource(strings = {": c", "A: b\\r\\n c", "A: b\\rc"})
    void aMalformedHeaderLineIsAnError(String line) throws Exception {
        try (RawEngine engine =
                closingAfter("HTTP/1.1 200 OK\r\n" + unescape(line) + "\r\nContent-Length: 0\r\n\r\n")) {
            assertThatThrownBy(() -> exchange(engine, "GET")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aLongHeadIsReadAndATooLongOneRefused() throws Exception {
        String line = "X-Long: " + "v".repeat(1000) + "\r\n";
        try (RawEngine engine =
                        RawEngine.answering("HTTP/1.1 200 OK\r\n" + line.repeat(300) + "Content-Length: 2\r\n\r\nok");
                RawEngine endless = new RawEngine(peer -> {
                    peer.readRequest();
                    peer.write("HTTP/1.1 200 OK\r\n" + line.repeat(500));
                    peer.awaitEnd();
                })) {
            EngineResponse answer = transport.send(engine.get("/"));
            assertThat(answer.headers().allValues("x-long")).hasSize(300);
            assertThat(text(answer)).isEqualTo("ok");
            assertThatThrownBy(() -> exchange(endless, "GET")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void interimAnswersWithoutEndAreRefused() throws Exception {
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            while (true) {
                peer.write("HTTP/1.1 102 Processing\r\nX: y\r\n\r\n".repeat(100));
            }
        })) {
            assertThatThrownBy(() -> exchange(engine, "GET")).isInstanceOf(IOException.class);
        }
    }

    @Test
    @OverSocketsOnly("gives the names in lower case")
    void headersKeepTheirCaseTheirOrderAndTheirBytes() throws Exception {
        try (RawEngine engine =
                RawEngine.answering("HTTP/1.1 200 OK\r\nX-MiXed: 1\r\nx-mixed: \t2 \r\nX-Latin: gr\u00fcn\r\n"
                        + "Content-Length: 0\r\n\r\n")) {
            EngineResponse answer = transport.send(engine.get("/"));
            assertThat(answer.headers().map().keySet()).containsExactly("Content-Length", "X-Latin", "X-MiXed");
            assertThat(answer.headers().allValues("X-Mixed")).containsExactly("1", "2");
            assertThat(answer.headers().firstValue("x-latin")).hasValue("gr\u00fcn");
        }
    }

    @Test
    void oneReadTakesAllThatCameAndNeverWaitsForMore() throws Exception {
        CountDownLatch taken = new CountDownLatch(1);
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readRequest();
            peer.write(CHUNKED + "2\r\nab\r\n2\r\ncd\r\n3\r\nef");
            taken.await();
            peer.write("g\r\n0\r\n\r\n");
            peer.awaitEnd();
        })) {
            EngineResponse answer = transport.send(engine.get("/"));
            byte[] bytes = new byte[100];
            assertThat(answer.body().read(bytes, 0, 1)).isEqualTo(1);
            assertThat(answer.body().read(bytes)).isEqualTo(5);
            assertThat(answer.body().available()).isZero();
            taken.countDown();
            assertThat(text(answer)).isEqualTo("g");
        }
    }

    @Test
    @OverSocketsOnly("delivers a body's first bytes after the head")
    void whatCameWithTheHeadIsThereAtOnce() throws Exception {
        try (RawEngine engine = RawEngine.answering(CHUNKED + "2\r\nab\r\n0\r\n\r\n")) {
            EngineResponse answer = transport.send(engine.get("/"));
            assertThat(answer.body().available()).isEqualTo(2);
            text(answer);
        }
    }

    @Test
    @OverSocketsOnly("hands it back on a thread of its own, a moment later")
    void theLastByteHandsTheConnectionBack() throws Exception {
        try (RawEngine plain = RawEngine.answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
                RawEngine chunked = RawEngine.answering(CHUNKED + "3\r\nabc\r\n0\r\n\r\n")) {
            for (RawEngine engine : new RawEngine[] {plain, chunked}) {
                for (int i = 0; i < 3; i++) {
                    EngineResponse answer = transport.send(engine.get("/"));
                    assertThat(answer.body().read(new byte[3])).isEqualTo(3);
                }
                transport.assertConnectionsMade(engine, 1);
            }
        }
    }

    private static String unescape(String text) {
        return text.strip().replace("\\r", "\r").replace("\\n", "\n");
    }
}
