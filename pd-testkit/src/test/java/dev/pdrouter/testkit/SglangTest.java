package dev.pdrouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SglangTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Asking client = new Asking();
    private final long room = ThreadLocalRandom.current().nextLong(1L << 62);
    private SglangEngine prefiller;
    private SglangEngine decoder;

    @BeforeEach
    void start() throws Exception {
        prefiller = SglangEngine.prefiller().start();
        decoder = SglangEngine.decoder().start();
    }

    @AfterEach
    void close() {
        client.close();
        prefiller.close();
        decoder.close();
    }

    private HttpRequest meets(ModelEngine engine, String prompt, String rid) {
        return Asking.post(
                engine,
                Asking.COMPLETIONS,
                "r",
                "{\"model\":\"m\",\"max_tokens\":5,\"prompt\":" + prompt + ",\"bootstrap_host\":\"127.0.0.1\","
                        + "\"bootstrap_port\":" + prefiller.port() + ",\"bootstrap_room\":" + room + ",\"rid\":\"" + rid
                        + "\"}");
    }

    private static HttpResponse<String> of(CompletableFuture<HttpResponse<String>> answer) throws Exception {
        return answer.get(20, TimeUnit.SECONDS);
    }

    @Test
    void theEnginesMeetAndEachWaitsForTheOther() throws Exception {
        CompletableFuture<HttpResponse<String>> prefill = client.begin(meets(prefiller, "\"hi\"", "p"));
        prefiller.engine().awaitCall(0, PATIENCE);
        assertThat(prefill).isNotDone();
        HttpResponse<String> answer = client.ask(meets(decoder, "\"hi\"", "d"));
        assertThat(Asking.json(of(prefill)).at("/usage/completion_tokens").asInt())
                .isOne();
        try (VllmDecoder alone = VllmDecoder.start()) {
            assertThat(Asking.text(answer)).isEqualTo(Asking.text(client.ask(alone, "\"max_tokens\":5")));
        }
        assertThat(decoder.transfers()).hasSize(1);
        assertThat(decoder.violations()).isEmpty();
        assertThat(prefiller.violations()).isEmpty();
    }

    @Test
    void everyPromptOfAListHasARoomOfItsOwn() throws Exception {
        CompletableFuture<HttpResponse<String>> prefill = client.begin(meets(prefiller, "[\"a\",\"b\"]", "x"));
        HttpResponse<String> answer = client.ask(meets(decoder, "[\"a\",\"b\"]", "x"));
        assertThat(of(prefill).statusCode()).isEqualTo(200);
        assertThat(Asking.json(answer).path("choices")).hasSize(2);
        assertThat(decoder.transfers()).hasSize(2);
    }

    @Test
    void aRequestWithoutARoomIsRefused() throws Exception {
        assertThat(client.ask(decoder, "\"max_tokens\":5").statusCode()).isEqualTo(400);
        assertThat(client.ask(prefiller, "\"max_tokens\":5").statusCode()).isEqualTo(400);
    }

    @Test
    void aRoomThatWasUsedEndsBothEngines() throws Exception {
        CompletableFuture<HttpResponse<String>> prefill = client.begin(meets(prefiller, "\"hi\"", "p"));
        client.ask(meets(decoder, "\"hi\"", "d"));
        of(prefill);
        assertThatThrownBy(() -> client.ask(meets(decoder, "\"hi\"", "e"))).isInstanceOf(java.io.IOException.class);
        assertThat(decoder.isDead()).isTrue();
        assertThat(prefiller.isDead()).isTrue();
    }

    @Test
    void anAbortKnowsARequestByItsWholeIdWhichIsItsAlone() throws Exception {
        client.begin(meets(decoder, "\"hi\"", "whole"));
        decoder.engine().awaitCall(0, PATIENCE);
        decoder.engine().signal().expect(() -> decoder.pending() == 1, PATIENCE, "a request that waits");
        assertThat(client.ask(meets(decoder, "\"hi\"", "whole")).statusCode()).isEqualTo(400);
        for (String rid : new String[] {"who", "whole"}) {
            client.ask(Asking.post(decoder, "/abort_request", "a", "{\"rid\":\"" + rid + "\"}"));
        }
        decoder.awaitAborted(1, PATIENCE);
        assertThat(decoder.aborts()).containsExactly("whole");
    }
}
