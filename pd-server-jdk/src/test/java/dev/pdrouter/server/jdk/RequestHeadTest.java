package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.testkit.EngineHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads of requests that the JDK's server closes without a word, waits for without end, or reads too kindly. */
class RequestHeadTest {

    private static final String HOST = " HTTP/1.1\r\nHost: r\r\n";

    private static void isRefused(RawClient client, String request, int status, String type) throws Exception {
        RawClient.Answer answer = client.ask(request);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.headers())
                .containsEntry("content-type", "application/json")
                .containsEntry("connection", "close");
        assertThat(answer.text()).contains("\"type\":\"" + type + "\"", "\"code\":" + status);
        assertThat(client.isAtEnd()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"G", "GET / HTTP/1.1\r\nHos", "GET / HTTP/1.1\r\nHost: r\r\n"})
    void aHeadThatIsNeverFinishedIsGivenUp(String begun) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                JdkServer server = JdkServer.start(
                        stack.router,
                        0,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        null,
                        Duration.ofMillis(200),
                        null);
                RawClient client = new RawClient(server.port())) {
            assertThat(client.send(begun).isAtEnd()).isTrue();
        }
    }

    @Test
    void aRequestThatTakesLongerThanItsHeadMayIsLeftAlone() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        EngineHandler waits = call -> {
            go.await();
            call.answer(200, "application/json", "{}");
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, waits);
                JdkServer server = JdkServer.start(
                        stack.router,
                        0,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        null,
                        Duration.ofMillis(50),
                        null);
                RawClient client = new RawClient(server.port())) {
            client.send("GET /x" + HOST + "\r\n");
            stack.decode(0);
            for (int i = 0; i < 2; i++) {
                // What takes as long as the limit, and some more.
                assertThat(new RawClient(server.port()).send("G").isAtEnd()).isTrue();
            }
            go.countDown();
            assertThat(client.answer().status()).isEqualTo(200);
        }
    }

    @Test
    void headersThatAreTooManyOrTooLargeAreA431() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            StringBuilder many = new StringBuilder();
            for (int i = 0; i < 201; i++) {
                many.append("X-").append(i).append(": 1\r\n");
            }
            String type = "RequestHeaderFieldsTooLarge";
            isRefused(stack.client(), "GET /" + HOST + many + "\r\n", 431, type);
            String large = "X: " + "a".repeat(400_000) + "\r\n";
            isRefused(stack.client(), "GET /" + HOST + large + "\r\n", 431, type);
            isRefused(stack.client(), "GET /" + "a".repeat(400_000) + HOST + "\r\n", 414, "URITooLong");
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET / HTTP/2.0,505,HTTPVersionNotSupported",
        "GET / HTTP/1.10,505,HTTPVersionNotSupported",
        "GET / FTP/1.1,400,BadRequestError",
        "GET / http/1.1,400,BadRequestError",
        "GET /a b HTTP/1.1,400,BadRequestError",
        "G@T / HTTP/1.1,400,BadRequestError"
    })
    void aRequestLineThatIsNoneIsRefused(String line, int status, String type) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            isRefused(stack.client(), line + "\r\nHost: r\r\n\r\n", status, type);
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/messages", "/v1/m%65ssages?beta=true"})
    void aHeadThatIsRefusedHasTheShapeOfMessagesThere(String target) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            RawClient.Answer answer = stack.client().ask("POST " + target + HOST + "Host: r\r\n\r\n");
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text())
                    .isEqualTo("{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
                            + "\"message\":\"there is more than one Host header\"}}");
        }
    }

    @Test
    void aClientOfHttp10NeedsNoHostAndMayKeepItsConnection() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                RawClient client = stack.client()) {
            RawClient.Answer kept = client.ask("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertThat(kept.status()).isEqualTo(200);
            assertThat(kept.headers()).containsEntry("connection", "keep-alive");
            RawClient.Answer last = client.ask("GET /x HTTP/1.0\r\n\r\n");
            assertThat(last.headers()).containsEntry("connection", "close");
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "Close", "x, close"})
    void aClientThatAsksToCloseIsToldSoAndClosed(String option) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            for (String target : new String[] {"/x", "/health"}) {
                RawClient client = stack.client();
                RawClient.Answer answer = client.ask("GET " + target + HOST + "Connection: " + option + "\r\n\r\n");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.headers()).containsEntry("connection", "close");
                assertThat(client.isAtEnd()).isTrue();
            }
        }
    }
}
