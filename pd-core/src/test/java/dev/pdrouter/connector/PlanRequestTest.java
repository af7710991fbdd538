package dev.pdrouter.connector;

import static dev.pdrouter.GenerationApi.CHAT;
import static dev.pdrouter.GenerationApi.COMPLETIONS;
import static dev.pdrouter.GenerationApi.GENERATE;
import static dev.pdrouter.GenerationApi.MESSAGES;
import static dev.pdrouter.GenerationApi.RESPONSES;
import static dev.pdrouter.connector.JsonBodyPropertyTest.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.Target;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PlanRequestTest {

    private static String oneToken(GenerationApi api, String body) throws IOException {
        return written(new PlanRequest("id", api, JsonBody.of(body), new Target("p", 1)).oneToken());
    }

    @Test
    void aBareRequestGetsTheFirstLimitOfItsEndpoint() throws IOException {
        assertThat(oneToken(CHAT, "{}")).isEqualTo("{\"stream\":false,\"max_tokens\":1,\"min_tokens\":1}");
        assertThat(oneToken(COMPLETIONS, "{}")).isEqualTo("{\"stream\":false,\"max_tokens\":1,\"min_tokens\":1}");
        assertThat(oneToken(RESPONSES, "{}")).isEqualTo("{\"stream\":false,\"store\":false,\"max_output_tokens\":1}");
        assertThat(oneToken(MESSAGES, "{}")).isEqualTo("{\"stream\":false,\"max_tokens\":1}");
        assertThat(oneToken(GENERATE, "{}"))
                .isEqualTo("{\"stream\":false,\"sampling_params\":{\"max_tokens\":1,\"min_tokens\":1}}");
    }

    @Test
    void limitsThatArePresentBecomeOneAndNoOtherIsAdded() throws IOException {
        assertThat(oneToken(CHAT, "{\"max_completion_tokens\":50,\"stream\":true,\"min_tokens\":9}"))
                .isEqualTo("{\"max_completion_tokens\":1,\"stream\":false,\"min_tokens\":1}");
        assertThat(oneToken(CHAT, "{\"max_completion_tokens\":50, \"max_tokens\":60}"))
                .isEqualTo("{\"max_completion_tokens\":1, \"max_tokens\":1,\"stream\":false,\"min_tokens\":1}");
    }

    @Test
    void nullCountsAsAbsentAndStays() throws IOException {
        assertThat(oneToken(
                        CHAT,
                        "{\"max_tokens\":null,\"max_completion_tokens\":5,\"n\":null,\"stop\":null,\"best_of\":null,"
                                + "\"stream_options\":null,\"stream\":null,\"min_tokens\":null}"))
                .isEqualTo("{\"max_tokens\":null,\"max_completion_tokens\":1,\"n\":null,\"stop\":null,\"best_of\":null,"
                        + "\"stream_options\":null,\"stream\":false,\"min_tokens\":1}");
        assertThat(oneToken(MESSAGES, "{\"max_tokens\":null}")).isEqualTo("{\"max_tokens\":1,\"stream\":false}");
    }

    @Test
    void whatCouldEndTheAnswerEarlyOrMultiplyItIsGone() throws IOException {
        assertThat(
                        oneToken(
                                COMPLETIONS,
                                "{\"n\":1,\"best_of\":2,\"stop\":[\"a\"],\"stop_token_ids\":[1],\"stream_options\":{},\"max_tokens\":5}"))
                .isEqualTo("{\"n\":1,\"max_tokens\":1,\"stream\":false,\"min_tokens\":1}");
        assertThat(oneToken(MESSAGES, "{\"max_tokens\":5,\"stop_sequences\":[\"x\"],\"min_tokens\":7}"))
                .isEqualTo("{\"max_tokens\":1,\"min_tokens\":7,\"stream\":false}");
        assertThat(oneToken(
                        RESPONSES, "{\"background\":false,\"store\":true,\"max_output_tokens\":5,\"max_tokens\":6}"))
                .isEqualTo("{\"store\":false,\"max_output_tokens\":1,\"max_tokens\":6,\"stream\":false}");
    }

    @Test
    void generateIsLimitedInItsSamplingParameters() throws IOException {
        assertThat(oneToken(
                        GENERATE,
                        "{\"token_ids\":[1, 2],\"sampling_params\": {\"n\":3, \"stop\":\"x\", \"temperature\":0.10},\"max_tokens\":7,"
                                + "\"stream\":true,\"stream_options\":{}}"))
                .isEqualTo("{\"token_ids\":[1, 2],\"sampling_params\": {\"n\":1, \"temperature\":0.10,\"max_tokens\":1,"
                        + "\"min_tokens\":1},\"max_tokens\":7,\"stream\":false}");
    }

    @Test
    void samplingParametersThatAreNoneAreLeftForTheEngineToRefuse() throws IOException {
        assertThat(oneToken(GENERATE, "{\"sampling_params\":7}")).isEqualTo("{\"sampling_params\":7,\"stream\":false}");
        assertThat(oneToken(GENERATE, "{\"sampling_params\":null}"))
                .isEqualTo("{\"sampling_params\":{\"max_tokens\":1,\"min_tokens\":1},\"stream\":false}");
    }

    @Test
    void whatShapesThePromptIsNotTouched() throws IOException {
        String shape = "\"messages\" : [ {\"content\":\"\\u00e9\\/\",\"stop\":1} ] ,\"tools\":[{\"z\":1.0,\"a\":1E5}],"
                + "\"tool_choice\":\"auto\",\"reasoning_effort\":\"low\",\"response_format\":{\"stream\":true},\"seed\":9007199254740993";
        assertThat(oneToken(CHAT, "{ " + shape + " }"))
                .isEqualTo("{ " + shape + ",\"stream\":false,\"max_tokens\":1,\"min_tokens\":1 }");
    }

    @Test
    void limitsAtOneLowerTheLeastNumberOfTokensToo() throws IOException {
        for (GenerationApi api : new GenerationApi[] {CHAT, COMPLETIONS}) {
            assertThat(limitsAtOne(api, "{\"min_tokens\":3,\"max_tokens\":5,\"stop\":\"a\"}"))
                    .isEqualTo("{\"min_tokens\":1,\"max_tokens\":1,\"stop\":\"a\",\"max_completion_tokens\":1}");
            assertThat(limitsAtOne(api, "{\"min_tokens\":0}"))
                    .isEqualTo("{\"min_tokens\":0,\"max_tokens\":1,\"max_completion_tokens\":1}");
        }
        assertThat(limitsAtOne(MESSAGES, "{\"min_tokens\":3}")).isEqualTo("{\"min_tokens\":3,\"max_tokens\":1}");
        assertThat(limitsAtOne(GENERATE, "{\"sampling_params\":{\"min_tokens\":3}}"))
                .isEqualTo("{\"sampling_params\":{\"min_tokens\":1,\"max_tokens\":1}}");
    }

    private static String limitsAtOne(GenerationApi api, String body) throws IOException {
        return written(new PlanRequest("id", api, JsonBody.of(body), new Target("p", 1)).limitsAtOne());
    }
}
