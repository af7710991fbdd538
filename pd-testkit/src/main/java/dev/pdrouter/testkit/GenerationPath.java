package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The paths of vLLM that read {@code kv_transfer_params}, and SGLang's own, one row each. */
enum GenerationPath {
    CHAT("/v1/chat/completions", "chatcmpl-", "messages", List.of("max_completion_tokens", "max_tokens")),
    COMPLETIONS("/v1/completions", "cmpl-", "prompt", List.of("max_tokens")),
    RESPONSES("/v1/responses", "resp_", "input", List.of("max_output_tokens")),
    MESSAGES("/v1/messages", "msg_", "messages", List.of("max_tokens")),
    GENERATE("/inference/v1/generate", "generate-tokens-", "token_ids", List.of("max_tokens")),
    INVOCATIONS("/invocations", "cmpl-", "messages", List.of("max_completion_tokens", "max_tokens")),
    BATCH("/v1/chat/completions/batch", "chatcmpl-", "messages", List.of("max_completion_tokens", "max_tokens")),
    COHERE("/cohere/v2/chat", "chatcmpl-", "messages", List.of("max_tokens")),
    SGLANG("/generate", "", "text", List.of("max_new_tokens"));

    private final String path;
    final String idPrefix;
    final String promptMember;
    final List<String> limits;

    GenerationPath(String path, String idPrefix, String promptMember, List<String> limits) {
        this.path = path;
        this.idPrefix = idPrefix;
        this.promptMember = promptMember;
        this.limits = limits;
    }

    static Optional<GenerationPath> of(String path) {
        return Arrays.stream(values()).filter(row -> row.path.equals(path)).findFirst();
    }

    /** Whether limits and the like are in {@code sampling_params}. */
    boolean nestsSampling() {
        return this == GENERATE || this == SGLANG;
    }

    /** The member that holds the prompt of a request. */
    String promptMember(ObjectNode body) {
        return this == SGLANG && !body.has(promptMember) ? "input_ids" : promptMember;
    }

    /** Whether a list of text, or of lists, is several prompts. */
    boolean takesSeveralPrompts() {
        return this == COMPLETIONS || this == SGLANG;
    }

    AnswerShape shape() {
        return switch (this) {
            case COMPLETIONS -> new CompletionShape();
            case RESPONSES -> new ResponsesShape();
            case MESSAGES -> new MessagesShape();
            case GENERATE -> new GenerateShape();
            case SGLANG -> new SglangShape();
            case CHAT, INVOCATIONS, BATCH, COHERE -> new ChatShape();
        };
    }
}
