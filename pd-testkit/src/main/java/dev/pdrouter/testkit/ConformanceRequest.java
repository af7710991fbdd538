package dev.pdrouter.testkit;

import dev.pdrouter.GenerationApi;
import java.nio.charset.StandardCharsets;

/**
 * A client's request as awkward as JSON allows: blanks, escapes, numbers that no {@code double} holds.
 *
 * @param api the endpoint
 * @param streamed whether it asks for events
 * @param more further members, each followed by a comma
 */
record ConformanceRequest(GenerationApi api, boolean streamed, String more) {
    private static final String ODD = "\"metadata\" : {\"b\":\"\\u00e9\\/<&>\",\"a\":[1.0E+2 ,-0.0]},\r\n\"user\":null";
    private static final String CONTENT =
            "[{\"role\":\"user\", \"content\":\"caf\\u00e9 \\\"or\\\" \uD83C\uDF0A \\/ <b>&\"}]";

    byte[] bytes() {
        return ("{ " + more + prompt() + ", \"stream\":" + streamed + " , " + ODD + "\t}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private String prompt() {
        String options = streamed ? ",\"stream_options\":{ \"include_usage\":true}" : "";
        return switch (api) {
            case CHAT ->
                "\"model\":\"m\",\n\"messages\" : " + CONTENT + ",\"max_tokens\":9,\"max_completion_tokens\" : 7"
                        + ",\"seed\":9007199254740993,\"n\":1,\"stop\":[\"\\u007f\"],\"temperature\":0.70" + options;
            case COMPLETIONS ->
                "\"prompt\" : \"caf\\u00e9 \",\"model\":\"m\",\"max_tokens\":7,\"min_tokens\":3,\"seed\":9007199254740993"
                        + options;
            case MESSAGES ->
                "\"model\":\"m\",\"max_tokens\": 7,\"system\":\"\\u00e9\",\"stop_sequences\":[\"\\u007f\"],\"messages\":"
                        + CONTENT;
            case RESPONSES -> "\"input\":" + CONTENT + ",\"model\" :\"m\",\"max_output_tokens\":7";
            case GENERATE ->
                "\"token_ids\":[1, 2,3],\"model\":\"m\",\"sampling_params\" : {\"max_tokens\":7 , \"seed\":9007199254740993,"
                        + "\"extra_args\":{\"own\":1.0}}";
            case SGLANG_GENERATE -> throw new IllegalArgumentException(api + " is one protocol's own");
            case INVOCATIONS, BATCH, COHERE_CHAT -> throw new IllegalArgumentException(api + " is never split");
        };
    }

    @Override
    public String toString() {
        return api.path() + (streamed ? ", streamed" : "");
    }
}
