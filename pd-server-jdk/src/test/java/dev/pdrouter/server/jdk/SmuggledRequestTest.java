package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that one server takes for another request than the next: every one is refused, clearly and at once. */
class SmuggledRequestTest {

    private static final String LINE = "POST /v1/embeddings HTTP/1.1\r\n";
    private static final String SECOND = "0\r\n\r\nGET /evil HTTP/1.1\r\nHost: h\r\n\r\n";

    private static final String REFUSED = "{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"param\":null,\"code\":%d}}";
    private static final String CONTROL = "a header has a control character in its value";
    private static final String HALF = "a line of the head ends in CR or LF alone";

    private static void isRefused(String request, int status, String type, String message) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                RawClient client = stack.client()) {
            client.send(request.getBytes(StandardCharsets.ISO_8859_1));
            RawClient.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.headers())
                    .containsEntry("content-type", "application/json")
                    .containsEntry("connection", "close");
            assertThat(answer.text()).isEqualTo(REFUSED.formatted(message, type, status));
            assertThat(client.isAtEnd()).isTrue();
            stack.awaitIdle();
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: h\r\nTransfer-Encoding: \u000bchunked\r\n",
                "Host: h\r\nTransfer-Encoding: chunked\u000b\r\n",
                "Host: h\u0001\r\n",
                "Host: \u0000h\r\n",
                "Host: h\r\nX: a\u0001b\r\n",
                "Host: h\r\nX: a\u007f\r\n",
                "Host: h\r\nX: a\r\nY: \u001f\r\n"
            })
    void aControlCharacterAnywhereInAHeadersValueIsRefused(String headers) throws Exception {
        isRefused(LINE + headers + "\r\n" + SECOND, 400, "BadRequestError", CONTROL);
    }

    @Test
    void aTlsHandshakeIsRefusedAtOnceWhereNoneIsServed() throws Exception {
        isRefused("\u0016\u0003\u0001\u0002\u0000", 400, "BadRequestError", CONTROL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: h\r\nX: a\r\n b\r\n",
                "Host: h\r\nX: a\r\n\tTransfer-Encoding: chunked\r\n",
                " X: a\r\nHost: h\r\n"
            })
    void aFoldedHeaderIsRefused(String headers) throws Exception {
        isRefused(LINE + headers + "\r\n" + SECOND, 400, "BadRequestError", "a header is folded");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                LINE + "Host: h\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n",
                LINE + "Host: h\nTransfer-Encoding: chunked\n\r\n",
                LINE + "Host: h\r\nX: a\r\r\n\r\n",
                LINE + "Host: h\r\n\n",
                "GET /x HTTP/1.1\nHost: h\n\n",
                "\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /x\rHTTP/1.1\r\nHost: h\r\n\r\n",
                "\r\r"
            })
    void aLineThatEndsInHalfAnEndIsRefusedWithoutWaitingForMore(String head) throws Exception {
        isRefused(head, 400, "BadRequestError", HALF);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Content-Length: 3%Transfer-Encoding: chunked | 400 | BadRequestError | Content-Length is there more than once, or beside a Transfer-Encoding",
                "Content-Length: 3%Content-Length: 3 | 400 | BadRequestError | Content-Length is there more than once, or beside a Transfer-Encoding",
                "Content-Length: abc | 400 | BadRequestError | Content-Length is not a number",
                "Content-Length: -1  | 400 | BadRequestError | Content-Length is not a number",
                "Transfer-Encoding: gzip, chunked | 501 | NotImplementedError | the only Transfer-Encoding that is understood is chunked",
                "Transfer-Encoding : chunked | 400 | BadRequestError | a header has a name that is no token",
                "X | 400 | BadRequestError | a header has a name that is no token"
            })
    void whatTheServerRefusesByItselfIsSaidAsAnEngineWould(String headers, int status, String type, String message)
            throws Exception {
        isRefused(LINE + "Host: h\r\n" + headers.replace("%", "\r\n") + "\r\n\r\n" + SECOND, status, type, message);
    }

    @ParameterizedTest
    @CsvSource({
        "OPTIONS * HTTP/1.1,404,NotFoundError,the request target is not a path",
        "GET x HTTP/1.1,404,NotFoundError,the request target is not a path",
        "GET http://h HTTP/1.1,404,NotFoundError,the request target is not a path",
        "GET /{x} HTTP/1.1,400,BadRequestError,the request target is no URI",
        "GET /x,400,BadRequestError,the request line does not have three parts"
    })
    void aRequestLineThatTheServerDoesNotTakeIsSaidSoToo(String line, int status, String type, String message)
            throws Exception {
        isRefused(line + "\r\nHost: h\r\n\r\n", status, type, message);
    }

    @Test
    void aRefusalHasTheShapeOfMessagesThereAndNoBodyForHead() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            String twice = " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n";
            assertThat(stack.client().ask("POST /v1/messages" + twice + "{}").text())
                    .startsWith("{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",");
            try (RawClient client = stack.client()) {
                assertThat(client.ask("HEAD /v1/models" + twice).status()).isEqualTo(400);
                assertThat(client.isAtEnd()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "100000002\r\n{}\r\n0\r\n\r\n",
                "80000000\r\n{}\r\n0\r\n\r\n",
                "0000000100000002\r\n{}\r\n0\r\n\r\n",
                "2;a\nb\r\n{}\r\n0\r\n\r\n",
                "2\n{}\n0\n\n",
                "\r2\r\n{}\r\n0\r\n\r\n",
                "2;a\rb\r\n{}\r\n0\r\n\r\n",
                "2\r\n{}\r\n1\r0\r\n"
            })
    void chunksThatTheServerWouldReadWrongAreRefused(String body) throws Exception {
        for (String path : new String[] {"/v1/completions", "/v1/embeddings"}) {
            try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                    RawClient client = stack.client()) {
                client.send("POST " + path + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body
                        + "GET /evil HTTP/1.1\r\nHost: h\r\n\r\n");
                RawClient.Answer answer = client.answer();
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.text()).contains("BadRequestError");
                assertThat(client.isAtEnd()).isTrue();
                assertThat(stack.decoder.calls())
                        .noneMatch(call -> call.head().path().equals("/evil"));
            }
        }
    }

    @Test
    void whatIsAllowedPasses() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                RawClient client = stack.client()) {
            client.send(("\r\nPOST /v1/embeddings HTTP/1.1\r\nHost:\th \t\r\nX:\tv\t \r\nEmpty:\r\n"
                            + "Transfer-Encoding: chunked\t\r\n\r\n0003;a=\"b\"\r\nabc\r\n00a\r\n0123456789\r\n0;x\r\n\r\n"
                            + "GET /next HTTP/1.1\r\nHost: h\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            assertThat(client.answer().status()).isEqualTo(200);
            assertThat(client.answer().status()).isEqualTo(200);
            assertThat(stack.decode(0).text()).isEqualTo("abc0123456789");
            assertThat(stack.decode(0).header("X")).contains("v");
            assertThat(stack.decode(1).head().path()).isEqualTo("/next");
        }
    }

    @Test
    void headsAndBodiesOfEverySizeComeWholeHoweverTheyAreCut() throws Exception {
        EngineHandler echoes = call -> call.answer(200, "text/plain", call.text());
        try (Stack stack = Stack.of(Stack.HANDS_OVER, echoes);
                RawClient client = stack.client()) {
            for (int size = 8_000; size < 8_400; size += 7) {
                String padding = "X: " + "a".repeat(size) + "\r\n";
                String body = "b".repeat(size);
                String request = "POST /x HTTP/1.1\r\nHost: h\r\n" + padding + "Content-Length: " + size + "\r\n\r\n";
                client.send(request.substring(0, size / 2));
                client.send(request.substring(size / 2) + body.substring(0, size / 3));
                client.send(body.substring(size / 3));
                assertThat(client.answer().text()).isEqualTo(body);
            }
        }
    }

    @Test
    void theDateIsTheEnginesWhereItTellsOne() throws Exception {
        String theirs = "Thu, 01 Jan 2026 00:00:00 GMT";
        Map<String, String> dates =
                new HashMap<>(Map.of("/a", "Date: " + theirs + "\r\n", "/b", "", "/c", "dAtE: odd\r\n"));
        EngineHandler dated = call -> call.raw("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                + dates.get(call.head().path()) + "Connection: close\r\nContent-Length: 2\r\n\r\n"
                + (call.head().method().equals("HEAD") ? "" : "hi"));
        try (Stack stack = Stack.of(Stack.HANDS_OVER, dated);
                RawClient client = stack.client()) {
            assertThat(date(client, "/a")).isEqualTo(theirs);
            assertThat(date(client, "/b")).endsWith(" GMT").isNotEqualTo(theirs);
            assertThat(date(client, "/c")).isEqualTo("odd");
            assertThat(client.ask("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n").headers())
                    .containsEntry("date", theirs);
        }
    }

    private static String date(RawClient client, String path) throws IOException {
        RawClient.Answer answer = client.ask("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(answer.text()).isEqualTo("hi");
        return answer.headers().getOrDefault("date", "none");
    }

    @Test
    void anInterimAnswerHasNoLength() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                RawClient client = stack.client()) {
            client.send("POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            RawClient.Answer interim = client.head();
            assertThat(interim.status()).isEqualTo(100);
            assertThat(interim.headers()).isEmpty();
            assertThat(client.send("{}").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void aJvmThatShowsNothingOfItsInternalsServesAllTheSame() throws Exception {
        try (Engine decoder = Engine.start(Stack.ANSWERS);
                Launched launched = Launched.closed(
                        "-port=0", "-bind=127.0.0.1", "-decoder-host=127.0.0.1", "-vllm-port=" + decoder.port())) {
            launched.awaitLine("clients that leave are noticed only when");
            launched.awaitLine("heads of requests are read as kindly");
            try (RawClient client = new RawClient(launched.awaitPort())) {
                String within = "GET /x HTTP/1.1\r\nHost: h\r\nX: a\u0001b\r\n\r\n";
                assertThat(client.ask("GET /x HTTP/1.1\r\nHost: h\r\n\r\n").status())
                        .isEqualTo(200);
                assertThat(client.ask(RawClient.post("/v1/completions", "{\"prompt\":\"p\"}"))
                                .status())
                        .isEqualTo(200);
                assertThat(client.ask(within).status()).isEqualTo(400);
            }
        }
    }

    @Test
    void itIsTheSameOverTls() throws Exception {
        Identity identity = SelfSigned.create(Set.of("localhost"));
        SSLContext ours = ServerTls.context(() -> identity);
        SSLContext trusting = ServerTlsTest.trusting(identity.chain().getFirst());
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                JdkServer server = JdkServer.start(
                        stack.router, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), ours)) {
            String fine = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 20000\r\n\r\n" + "x".repeat(20_000);
            assertThat(overTls(
                            trusting,
                            server.port(),
                            fine + fine + "GET /y HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
                    .containsSubsequence("HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 200");
            assertThat(stack.decode(1).text()).hasSize(20_000);
            assertThat(overTls(
                            trusting,
                            server.port(),
                            LINE + "Host: h\r\nTransfer-Encoding: \u000bchunked\r\n\r\n" + SECOND))
                    .startsWith("HTTP/1.1 400 ")
                    .contains(CONTROL);
            assertThat(overTls(trusting, server.port(), "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"))
                    .startsWith("HTTP/1.1 404 ")
                    .contains("application/json");
            assertThat(stack.decoder.calls()).hasSize(3);
        }
    }

    /** Everything that comes until the end. */
    private static String overTls(SSLContext trusting, int port, String request) throws Exception {
        try (Socket client = trusting.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout(20_000);
            OutputStream out = client.getOutputStream();
            out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
