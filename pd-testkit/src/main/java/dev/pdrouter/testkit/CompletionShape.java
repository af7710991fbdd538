package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code /v1/completions}. */
final class CompletionShape implements AnswerShape {

    @Override
    public ObjectNode whole(Generation generation) {
        ObjectNode answer = head(generation);
        for (Choice choice : generation.choices()) {
            add(answer, choice.index(), choice.text(), choice.finishReason());
        }
        answer.set("usage", generation.usage());
        return answer;
    }

    @Override
    public String opening(Generation generation) {
        return "";
    }

    @Override
    public String token(Generation generation, Choice choice, int token) {
        ObjectNode chunk = head(generation);
        add(chunk, choice.index(), choice.tokens().get(token), choice.isLast(token) ? choice.finishReason() : null);
        return AnswerShape.event(chunk);
    }

    @Override
    public String closing(Generation generation) {
        ObjectNode last = head(generation);
        last.set("usage", generation.usage());
        return (generation.request().wantsUsage() ? AnswerShape.event(last) : "") + "data: [DONE]\n\n";
    }

    private static ObjectNode head(Generation generation) {
        ObjectNode head = Json.object()
                .put("id", "cmpl-" + generation.request().id())
                .put("object", "text_completion")
                .put("created", Generation.CREATED)
                .put("model", generation.request().model());
        head.putArray("choices");
        return head;
    }

    private static void add(
            ObjectNode to, int index, String text, @org.jspecify.annotations.Nullable String finishReason) {
        to.withArray("choices")
                .addObject()
                .put("index", index)
                .put("text", text)
                .putNull("logprobs")
                .put("finish_reason", finishReason)
                .putNull("stop_reason");
    }
}
