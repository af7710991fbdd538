package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.OnPrefillFailure;
import dev.pdrouter.PdRouter;
import dev.pdrouter.testkit.EngineHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What is counted of requests. */
class MetricsTest {

    private static final String PATH = "/v1/chat/completions";
    private static final String CHAT = "{\"model\":\"m\",\"messages\":[]}";

    private final Metrics metrics = new Metrics("test");

    private Stack stack(EngineHandler prefiller, EngineHandler decoder, UnaryOperator<PdRouter.Builder> settings)
            throws IOException {
        Stack stack =
                Stack.of(prefiller, decoder, builder -> settings.apply(builder.listenerOfEach(metrics::ofRequest)));
        metrics.inFlight(stack.router::inFlight);
        return stack;
    }

    private List<String> lines() throws IOException {
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        metrics.writeTo(page);
        return page.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void aDisaggregatedRequestIsCountedByItsEndpointAndItsStages() throws Exception {
        try (Stack stack = stack(Stack.HANDS_OVER, Stack.ANSWERS, builder -> builder);
                RawClient client = stack.client()) {
            client.ask(stack.post(PATH, CHAT));
            client.ask(stack.post(PATH, CHAT));
            stack.awaitIdle();
            assertThat(lines())
                    .contains(
                            "pdrouter_requests_total{endpoint=\"" + PATH
                                    + "\",outcome=\"answered\",status=\"200\"} 2.0",
                            "pdrouter_request_duration_seconds_count{endpoint=\"" + PATH + "\"} 2",
                            "pdrouter_time_to_first_byte_seconds_count{endpoint=\"" + PATH + "\"} 2",
                            "pdrouter_stages_total{stage=\"prefill\",status=\"200\"} 2.0",
                            "pdrouter_stages_total{stage=\"decode\",status=\"200\"} 2.0",
                            "pdrouter_stage_duration_seconds_count{stage=\"prefill\"} 2",
                            "pdrouter_stage_duration_seconds_count{stage=\"encode\"} 0",
                            "pdrouter_requests_in_flight 0.0")
                    .noneMatch(line -> line.startsWith("pdrouter_decoder_alone_total{"));
        }
    }

    @Test
    void whyADecoderWasAloneIsCounted() throws Exception {
        try (Stack stack = stack(Stack.HANDS_OVER, Stack.ANSWERS, builder -> builder);
                RawClient client = stack.client()) {
            client.ask(stack.post(PATH, "{\"n\":2,\"messages\":[]}"));
            client.ask("GET /v1/models HTTP/1.1\r\nHost: r\r\n\r\n");
            stack.awaitIdle();
            assertThat(lines())
                    .contains(
                            "pdrouter_decoder_alone_total{reason=\"n is above 1\"} 1.0",
                            "pdrouter_requests_total{endpoint=\"other\",outcome=\"answered\",status=\"200\"} 1.0");
        }
    }

    @Test
    void failuresAreCountedWhetherTheRequestGoesOnOrNot() throws Exception {
        try (Stack stack = stack(
                        call -> call.reset(),
                        Stack.ANSWERS,
                        builder -> builder.onPrefillFailure(OnPrefillFailure.DECODE));
                RawClient client = stack.client()) {
            assertThat(client.ask(stack.post(PATH, CHAT)).status()).isEqualTo(200);
            stack.awaitIdle();
            assertThat(lines())
                    .contains(
                            "pdrouter_prefill_failovers_total 1.0",
                            "pdrouter_stages_total{stage=\"prefill\",status=\"none\"} 1.0")
                    .noneMatch(line -> line.startsWith("pdrouter_engine_failures_total{") && !line.endsWith(" 0.0"));
        }
    }

    @Test
    void anEngineThatFailsARequestIsNamedByStageAndKindAndNotByAddress() throws Exception {
        try (Stack stack = stack(Stack.HANDS_OVER, call -> call.reset(), builder -> builder);
                RawClient client = stack.client()) {
            assertThat(client.ask(stack.post(PATH, CHAT)).status()).isEqualTo(502);
            stack.awaitIdle();
            assertThat(lines())
                    .anyMatch(line -> line.matches(
                                    "pdrouter_engine_failures_total\\{kind=\"\\w+\",stage=\"decode\"} 1.0")
                            || line.matches("pdrouter_engine_failures_total\\{stage=\"decode\",kind=\"\\w+\"} 1.0"))
                    .noneMatch(line -> line.contains(stack.decoder.address()));
        }
    }

    @Test
    void aHandoffThatNobodyReadsIsCountedAsReleased() throws Exception {
        EngineHandler refusesOnce = call -> {
            if (call.connection() >= 0 && call.text().contains("\"max_tokens\":1")) {
                Stack.ANSWERS.handle(call);
            } else {
                call.answer(400, "application/json", "{\"error\":{}}");
            }
        };
        try (Stack stack = stack(Stack.HANDS_OVER, refusesOnce, builder -> builder);
                RawClient client = stack.client()) {
            assertThat(client.ask(stack.post(PATH, CHAT)).status()).isEqualTo(400);
            stack.awaitIdle();
            stack.router.drain(java.time.Duration.ofSeconds(20));
            assertThat(lines()).contains("pdrouter_handoffs_released_total{reason=\"refused\",result=\"freed\"} 1.0");
        }
    }
}
