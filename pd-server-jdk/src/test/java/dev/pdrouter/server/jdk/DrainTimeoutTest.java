package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pdrouter.event.PdEvent.Ended;
import dev.pdrouter.event.PdEvent.Outcome;
import dev.pdrouter.testkit.EngineHandler;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The time to drain is over: every request ends at once, and no client takes a part for the whole. */
class DrainTimeoutTest {

    private static final String PROMPT = "{\"prompt\":\"p\",\"stream\":true}";

    private static final EngineHandler SILENT = call -> call.awaitGone(Duration.ofSeconds(60));

    private static final EngineHandler BEGINS = call -> {
        call.beginEvents().send("data: 1\n\n");
        call.awaitGone(Duration.ofSeconds(60));
    };

    private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();

    private Stack stack(EngineHandler prefiller, EngineHandler decoder) throws Exception {
        return Stack.of(
                prefiller,
                decoder,
                builder -> builder.listener(event -> {
                    if (event instanceof Ended end) {
                        ended.add(end);
                    }
                }));
    }

    private void isRefused(RawClient client) throws Exception {
        RawClient.Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.headers()).containsKey("retry-after").containsEntry("connection", "close");
        assertThat(answer.text()).contains("ServiceUnavailable");
        assertThat(client.isAtEnd()).isTrue();
        hasEnded(Outcome.REFUSED);
    }

    /** Once; a client can see its connection end a moment before the listener is told. */
    private void hasEnded(Outcome outcome) throws InterruptedException {
        assertThat(ended.poll(20, TimeUnit.SECONDS))
                .isNotNull()
                .extracting(Ended::outcome)
                .isEqualTo(outcome);
        assertThat(ended).isEmpty();
    }

    @Test
    void aStreamIsCutAndItsEngineDropped() throws Exception {
        try (Stack stack = stack(Stack.HANDS_OVER, BEGINS);
                RawClient client = stack.client()) {
            client.send(stack.post("/v1/completions", PROMPT)).head();
            assertThat(client.chunkText()).isEqualTo("data: 1\n\n");
            assertThat(stack.router.drain(Duration.ofMillis(1))).isFalse();
            stack.decode(0).awaitGone(Duration.ofSeconds(10));
            assertThat(client.isAtEnd()).isTrue();
            stack.awaitIdle();
            hasEnded(Outcome.CUT);
        }
    }

    @Test
    void aClientOfHttp10SeesThatItsStreamWasCut() throws Exception {
        try (Stack stack = stack(Stack.HANDS_OVER, BEGINS);
                RawClient client = stack.client()) {
            client.send(stack.post("/v1/completions", PROMPT).replace("HTTP/1.1", "HTTP/1.0"))
                    .head();
            client.read("data: 1\n\n".length());
            assertThat(stack.router.drain(Duration.ofMillis(1))).isFalse();
            assertThatThrownBy(() -> client.read(1)).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void aRequestAtThePrefillerGetsA503AndThePrefillerIsDropped() throws Exception {
        try (Stack stack = stack(SILENT, Stack.ANSWERS);
                RawClient client = stack.client()) {
            client.send(stack.post("/v1/completions", PROMPT));
            stack.prefill(0);
            assertThat(stack.router.drain(Duration.ZERO)).isFalse();
            stack.prefill(0).awaitGone(Duration.ofSeconds(10));
            isRefused(client);
            assertThat(stack.decoder.calls()).isEmpty();
        }
    }

    @Test
    void aClientThatIsStillSendingGetsA503() throws Exception {
        for (String path : new String[] {"/v1/completions", "/upload"}) {
            ended.clear();
            try (Stack stack = stack(Stack.HANDS_OVER, Stack.ANSWERS);
                    RawClient client = stack.client()) {
                client.send("POST " + path + " HTTP/1.1\r\nHost: r\r\nContent-Length: 100\r\n\r\n{");
                while (stack.router.inFlight() == 0) {
                    Thread.onSpinWait();
                }
                assertThat(stack.router.drain(Duration.ofMillis(200))).isFalse();
                isRefused(client);
            }
        }
    }
}
