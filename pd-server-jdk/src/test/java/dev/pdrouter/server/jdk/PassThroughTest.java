package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import dev.pdrouter.testkit.HeaderField;
import java.io.EOFException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every path that is not for generation goes to the decoder and back as it is. */
class PassThroughTest {

    private static String get(String target, String... headers) {
        return "GET " + target + " HTTP/1.1\r\nHost: r\r\n" + String.join("", List.of(headers)) + "\r\n";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/models",
                "/a%20b/%2F%c3%a9?q=%7B&x=a+b&&y=",
                "/v1/models?",
                "//double//slash",
                "/v1/chat/completions",
                "http://other:1/absolute?x=1"
            })
    void theTargetArrivesAsItWasSent(String target) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            stack.client().ask(get(target));
            assertThat(stack.decode(0).head().target()).isEqualTo(Stack.arrived(target));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE", "PATCH", "OPTIONS", "POST", "PROPFIND"})
    void everyMethodPasses(String method) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            RawClient.Answer answer =
                    stack.client().ask(method + " /x HTTP/1.1\r\nHost: r\r\nContent-Length: 3\r\n\r\nabc");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(stack.decode(0).head().method()).isEqualTo(method);
            assertThat(stack.decode(0).text()).isEqualTo("abc");
        }
    }

    @Test
    void endToEndHeadersPassAndOthersDoNot() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            stack.client()
                    .ask(get(
                            "/x",
                            "Authorization: Bearer k\r\n",
                            "traceparent: 00-a-b-01\r\n",
                            "X-Two: 1\r\nX-Two: 2\r\n",
                            "Connection: keep-alive, X-Mine\r\n",
                            "X-Mine: secret\r\n",
                            "Keep-Alive: timeout=5\r\n",
                            "TE: trailers\r\n",
                            "x-prefiller-host-port: 1.2.3.4:5\r\n",
                            "x-override-host: evil\r\n"));
            EngineCall call = stack.decode(0);
            assertThat(call.header("Authorization")).contains("Bearer k");
            assertThat(call.header("traceparent")).contains("00-a-b-01");
            assertThat(call.head().headerValues("X-Two")).containsExactly("1", "2");
            assertThat(call.header("Host")).contains(stack.decoder.address());
            for (String name : List.of("X-Mine", "Keep-Alive", "TE", "x-prefiller-host-port", "x-override-host")) {
                assertThat(call.header(name)).as(name).isEmpty();
            }
        }
    }

    @Test
    void answersPassWithStatusAndHeadersAndEveryByte() throws Exception {
        byte[] gzip = {31, -117, 8, 0, 1, 2, 3, 4, 5, 0, -1};
        EngineHandler handler = call -> call.answer(
                418,
                List.of(
                        new HeaderField("Content-Encoding", "gzip"),
                        new HeaderField("Set-Cookie", "a=1"),
                        new HeaderField("Set-Cookie", "b=2"),
                        new HeaderField("Connection", "X-Hop"),
                        new HeaderField("X-Hop", "1"),
                        new HeaderField("Server", "engine")),
                gzip);
        try (Stack stack = Stack.of(Stack.HANDS_OVER, handler)) {
            RawClient.Answer answer = stack.client().ask(get("/x"));
            assertThat(answer.status()).isEqualTo(418);
            assertThat(answer.body()).isEqualTo(gzip);
            assertThat(answer.headers())
                    .containsEntry("content-encoding", "gzip")
                    .containsEntry("set-cookie", "a=1|b=2")
                    .containsEntry("server", "engine")
                    .doesNotContainKey("x-hop");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304, 301, 404, 500, 599})
    void everyStatusPasses(int status) throws Exception {
        EngineHandler handler =
                call -> call.answer(status, List.of(new HeaderField("Location", "http://elsewhere/")), new byte[0]);
        try (Stack stack = Stack.of(Stack.HANDS_OVER, handler)) {
            RawClient client = stack.client();
            for (int i = 0; i < 2; i++) {
                RawClient.Answer answer = client.ask(get("/x"));
                assertThat(answer.status()).isEqualTo(status);
                assertThat(answer.headers()).containsEntry("location", "http://elsewhere/");
                assertThat(answer.body()).isEmpty();
            }
        }
    }

    @Test
    void headHasTheLengthAndNoBody() throws Exception {
        EngineHandler handler = call -> call.answer(200, "text/plain", "hello");
        try (Stack stack = Stack.of(Stack.HANDS_OVER, handler)) {
            RawClient client = stack.client();
            RawClient.Answer answer = client.ask("HEAD /x HTTP/1.1\r\nHost: r\r\n\r\n");
            assertThat(answer.headers()).containsEntry("content-length", "5");
            assertThat(client.ask(get("/x")).text()).isEqualTo("hello");
        }
    }

    @Test
    @DisabledIfSystemProperty(
            named = Stack.TRANSPORT,
            matches = "http-client",
            disabledReason = "the JDK's client hears nothing before the whole body is sent")
    void aLargeBodyFlowsBothWaysAtOnce() throws Exception {
        int pieces = 200;
        byte[] piece = new byte[50_000];
        Engine echo = Engine.builder(call -> {
                    var out = call.begin(200, List.of());
                    byte[] buffer = new byte[10_000];
                    for (int n = call.bodyStream().read(buffer);
                            n >= 0;
                            n = call.bodyStream().read(buffer)) {
                        out.send(java.util.Arrays.copyOf(buffer, n));
                    }
                    out.end();
                })
                .streamBodies()
                .start();
        try (Stack stack = Stack.of(Engine.start(Stack.HANDS_OVER), echo, builder -> builder);
                RawClient client = stack.client()) {
            client.send("POST /echo HTTP/1.1\r\nHost: r\r\nContent-Length: " + pieces * piece.length + "\r\n\r\n");
            Thread writer = Thread.startVirtualThread(() -> {
                try {
                    for (int i = 0; i < pieces; i++) {
                        client.send(piece);
                    }
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThat(client.answer().body()).hasSize(pieces * piece.length);
            writer.join();
        }
    }

    @Test
    void aChunkedUploadArrivesWhole() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            stack.client()
                    .ask(
                            "POST /x HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
            assertThat(stack.decode(0).text()).isEqualTo("abcde");
        }
    }

    @Test
    void aChunkedBodyThatCannotBeDecodedIsA400() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            RawClient client = stack.client();
            RawClient.Answer answer =
                    client.ask("POST /x HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n");
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).contains("BadRequestError");
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @Test
    void expectContinueIsAnswered() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            RawClient client = stack.client();
            client.send("POST /x HTTP/1.1\r\nHost: r\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(client.head().status()).isEqualTo(100);
            assertThat(client.send("hi").answer().status()).isEqualTo(200);
            assertThat(stack.decode(0).text()).isEqualTo("hi");
            assertThat(stack.decode(0).header("Expect")).isEmpty();
        }
    }

    @Test
    void eachPieceOfAStreamIsFlushedAsItComes() throws Exception {
        CountDownLatch headSeen = new CountDownLatch(1);
        CountDownLatch firstSeen = new CountDownLatch(1);
        EngineHandler handler = call -> {
            var events = call.beginEvents();
            headSeen.await();
            events.send("data: 1\n\n");
            firstSeen.await();
            events.send("data: 2\n\n");
            events.end();
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, handler)) {
            RawClient client = stack.client().send(get("/stream"));
            assertThat(client.head().status()).isEqualTo(200);
            headSeen.countDown();
            assertThat(client.chunkText()).isEqualTo("data: 1\n\n");
            firstSeen.countDown();
            assertThat(client.chunkText()).isEqualTo("data: 2\n\n");
            assertThat(client.chunk()).isEmpty();
        }
    }

    @Test
    void aCutStreamNeverLooksWhole() throws Exception {
        EngineHandler handler = call -> {
            call.beginEvents().send("data: 1\n\n");
            call.close();
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, handler)) {
            RawClient client = stack.client().send(get("/stream"));
            assertThat(client.head().status()).isEqualTo(200);
            assertThat(client.chunkText()).isEqualTo("data: 1\n\n");
            assertThatThrownBy(client::chunk).isInstanceOf(EOFException.class);
            stack.awaitIdle();
        }
    }

    @Test
    void aCutAnswerOfKnownLengthNeverLooksWhole() throws Exception {
        EngineHandler handler = call -> {
            call.raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
            call.close();
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, handler)) {
            RawClient client = stack.client();
            assertThatThrownBy(() -> client.ask(get("/x"))).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void healthIsAnsweredHere() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            assertThat(stack.client().ask(get("/health")).status()).isEqualTo(200);
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /x HTTP/1.1\r\n\r\n",
                "GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET /x HTTP/1.1\r\nHost: a\r\nX-A: b\u0001c\r\n\r\n",
                "G@T /x HTTP/1.1\r\nHost: a\r\n\r\n",
                "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
                "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\r\nXGET /next HTTP/1.1\r\nHost: a\r\n\r\n"
            })
    void aRequestThatIsNoHttpIsA400AndTheEndOfItsConnection(String request) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                RawClient client = stack.client()) {
            assertThat(client.ask(request).status()).isEqualTo(400);
            assertThat(client.isAtEnd()).isTrue();
            assertThat(stack.decoder.calls())
                    .noneMatch(call -> call.head().target().contains("next"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304, 200})
    @DisabledIfSystemProperty(
            named = Stack.TRANSPORT,
            matches = "http-client",
            disabledReason = "the JDK's client hears nothing before the whole body is sent")
    void anEarlyAnswerWithoutABodyDoesNotWaitForTheUpload(int status) throws Exception {
        Engine hasty = Engine.builder(call -> {
                    call.answer(status, List.of(), new byte[0]);
                    call.close();
                })
                .streamBodies()
                .start();
        try (Stack stack = Stack.of(Engine.start(Stack.HANDS_OVER), hasty, builder -> builder);
                RawClient client = stack.client()) {
            client.send("POST /x HTTP/1.1\r\nHost: r\r\nContent-Length: 200000\r\n\r\n")
                    .send(new byte[100_000]);
            assertThat(client.answer().status()).isEqualTo(status);
            stack.awaitIdle();
        }
    }

    @Test
    @DisabledIfSystemProperty(
            named = Stack.TRANSPORT,
            matches = "http-client",
            disabledReason = "the JDK's client goes by the length, so that such an answer is refused")
    void aCodingOverridesALengthThatContradictsIt() throws Exception {
        EngineHandler both = call -> {
            call.raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "a\r\n0123456789\r\n0\r\n\r\n");
            call.close();
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, both)) {
            assertThat(stack.client().ask(get("/x")).text()).isEqualTo("0123456789");
        }
    }

    @Test
    void anEngineThatClosesSilentlyFailsOneRequestAtMost() throws Exception {
        EngineHandler closes = call -> {
            call.answer(200, "text/plain", "1");
            call.close();
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, closes);
                RawClient client = stack.client()) {
            int failed = 0;
            for (int i = 0; i < 30; i++) {
                failed += client.ask(get("/x")).status() == 200 ? 0 : 1;
                stack.decoder.awaitOpenConnections(0, java.time.Duration.ofSeconds(5));
            }
            assertThat(failed).isLessThanOrEqualTo(1);
        }
    }
}
