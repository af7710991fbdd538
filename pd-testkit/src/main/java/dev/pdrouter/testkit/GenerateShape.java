package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** {@code /inference/v1/generate}, which takes and gives token ids. */
final class GenerateShape implements AnswerShape {

    @Override
    public ObjectNode whole(Generation generation) {
        ObjectNode answer = head(generation);
        for (Choice choice : generation.choices()) {
            ObjectNode one = answer.withArray("choices").addObject().put("index", choice.index());
            one.putNull("logprobs").put("finish_reason", choice.finishReason());
            one.set("token_ids", ids(choice.tokens()));
        }
        return answer.putNull("prompt_logprobs");
    }

    @Override
    public String opening(Generation generation) {
        return "";
    }

    @Override
    public String token(Generation generation, Choice choice, int token) {
        ObjectNode chunk = head(generation);
        ObjectNode one = chunk.withArray("choices").addObject().put("index", choice.index());
        one.putNull("logprobs").put("finish_reason", choice.isLast(token) ? choice.finishReason() : null);
        one.set("token_ids", ids(List.of(choice.tokens().get(token))));
        return AnswerShape.event(chunk);
    }

    @Override
    public String closing(Generation generation) {
        return "data: [DONE]\n\n";
    }

    private static ObjectNode head(Generation generation) {
        ObjectNode head = Json.object().put("request_id", generation.request().id());
        head.putArray("choices");
        return head;
    }

    private static ArrayNode ids(List<String> tokens) {
        ArrayNode ids = Json.array();
        tokens.forEach(token -> ids.add((int) Long.remainderUnsigned(Words.seed(token), 32_000)));
        return ids;
    }
}
