package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** SGLang's {@code /generate}: an object for one prompt, a list for several; each event has all the text so far. */
final class SglangShape implements AnswerShape {

    @Override
    public JsonNode whole(Generation generation) {
        if (generation.choices().size() == 1) {
            return answer(
                    generation, generation.only(), generation.only().tokens().size());
        }
        ArrayNode all = Json.array();
        generation
                .choices()
                .forEach(choice ->
                        all.add(answer(generation, choice, choice.tokens().size())));
        return all;
    }

    @Override
    public String opening(Generation generation) {
        return "";
    }

    @Override
    public String token(Generation generation, Choice choice, int token) {
        ObjectNode event = answer(generation, choice, token + 1);
        if (generation.choices().size() > 1) {
            event.put("index", choice.index());
        }
        return AnswerShape.event(event);
    }

    @Override
    public String closing(Generation generation) {
        return "data: [DONE]\n\n";
    }

    private static ObjectNode answer(Generation generation, Choice choice, int tokens) {
        ObjectNode answer =
                Json.object().put("text", String.join("", choice.tokens().subList(0, tokens)));
        ObjectNode meta = answer.putObject("meta_info")
                .put("id", generation.request().body().path("rid").asText(""))
                .put("prompt_tokens", generation.promptTokens())
                .put("completion_tokens", tokens)
                .put("cached_tokens", generation.cachedTokens().orElse(0));
        if (tokens == choice.tokens().size()) {
            meta.putObject("finish_reason").put("type", choice.finishReason());
        } else {
            meta.putNull("finish_reason");
        }
        return answer;
    }
}
