package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code /v1/chat/completions}. */
final class ChatShape implements AnswerShape {

    @Override
    public ObjectNode whole(Generation generation) {
        ObjectNode answer = head(generation, "chat.completion");
        for (Choice choice : generation.choices()) {
            ObjectNode one = answer.withArray("choices").addObject().put("index", choice.index());
            one.putObject("message").put("role", "assistant").put("content", choice.text());
            one.putNull("logprobs").put("finish_reason", choice.finishReason()).putNull("stop_reason");
        }
        answer.set("usage", generation.usage());
        return answer.putNull("prompt_logprobs");
    }

    @Override
    public String opening(Generation generation) {
        ObjectNode chunk = head(generation, "chat.completion.chunk");
        for (Choice choice : generation.choices()) {
            ObjectNode one = chunk.withArray("choices").addObject().put("index", choice.index());
            one.putObject("delta").put("role", "assistant").put("content", "");
            one.putNull("logprobs").putNull("finish_reason");
        }
        return AnswerShape.event(chunk);
    }

    @Override
    public String token(Generation generation, Choice choice, int token) {
        ObjectNode chunk = head(generation, "chat.completion.chunk");
        ObjectNode one = chunk.withArray("choices").addObject().put("index", choice.index());
        one.putObject("delta").put("content", choice.tokens().get(token));
        one.putNull("logprobs").put("finish_reason", choice.isLast(token) ? choice.finishReason() : null);
        return AnswerShape.event(chunk);
    }

    @Override
    public String closing(Generation generation) {
        ObjectNode last = head(generation, "chat.completion.chunk");
        last.set("usage", generation.usage());
        return (generation.request().wantsUsage() ? AnswerShape.event(last) : "") + "data: [DONE]\n\n";
    }

    private static ObjectNode head(Generation generation, String kind) {
        ObjectNode head = Json.object()
                .put("id", "chatcmpl-" + generation.request().id())
                .put("object", kind)
                .put("created", Generation.CREATED)
                .put("model", generation.request().model());
        head.putArray("choices");
        return head;
    }
}
