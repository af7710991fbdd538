package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A prompt, as far as its KV cache is concerned.
 *
 * @param seed equal for equal prompts: everything that shapes the text which the model reads goes into it
 * @param tokens how long it is
 */
record Prompt(long seed, int tokens) {
    private static final Set<String> SHAPING = Set.of(
            "messages",
            "prompt",
            "prompt_embeds",
            "input",
            "input_ids",
            "text",
            "instructions",
            "system",
            "token_ids",
            "features",
            "tools",
            "tool_choice",
            "cache_salt",
            "truncate_prompt_tokens",
            "mm_processor_kwargs",
            "documents",
            "add_generation_prompt",
            "continue_final_message",
            "thinking",
            "output_config",
            "response_format");
    private static final List<String> SHAPING_BEGINNINGS = List.of("chat_template", "truncation", "reasoning");
    private static final int CHARACTERS_A_TOKEN = 4;

    /** The prompts of a request: one, or several when it has a list of them. */
    static List<Prompt> of(GenerationPath path, ObjectNode body) {
        String member = path.promptMember(body);
        JsonNode text = body.path(member);
        boolean several = path == GenerationPath.BATCH
                || path.takesSeveralPrompts()
                        && text.isArray()
                        && !text.isEmpty()
                        && !text.get(0).isNumber();
        List<Prompt> prompts = new ArrayList<>();
        for (JsonNode one : several ? text : List.of(text)) {
            prompts.add(new Prompt(seed(body, member, one), length(one)));
        }
        return prompts;
    }

    private static long seed(ObjectNode body, String promptMember, JsonNode prompt) {
        StringBuilder text = new StringBuilder();
        body.properties().forEach(member -> {
            String name = member.getKey();
            boolean shapes =
                    SHAPING.contains(name) || SHAPING_BEGINNINGS.stream().anyMatch(name::startsWith);
            if (shapes && !member.getValue().isNull()) {
                text.append(name).append('=');
                text.append(name.equals(promptMember) ? prompt : member.getValue());
                text.append('\n');
            }
        });
        return Words.seed(text);
    }

    private static int length(JsonNode prompt) {
        boolean isTokens =
                prompt.isArray() && !prompt.isEmpty() && prompt.get(0).isNumber();
        return isTokens ? prompt.size() : 1 + prompt.toString().length() / CHARACTERS_A_TOKEN;
    }
}
