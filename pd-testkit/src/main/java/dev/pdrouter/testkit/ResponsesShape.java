package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code /v1/responses}. */
final class ResponsesShape implements AnswerShape {

    @Override
    public ObjectNode whole(Generation generation) {
        boolean cut = generation.only().isCut();
        ObjectNode answer = head(generation, cut ? "incomplete" : "completed");
        if (cut) {
            answer.set("incomplete_details", Json.object().put("reason", "max_output_tokens"));
        }
        answer.withArray("output")
                .add(message(generation, "completed", generation.only().text()));
        ObjectNode usage = answer.putObject("usage").put("input_tokens", generation.promptTokens());
        usage.putObject("input_tokens_details")
                .put("cached_tokens", generation.cachedTokens().orElse(0));
        usage.put("output_tokens", generation.completionTokens());
        usage.putObject("output_tokens_details").put("reasoning_tokens", 0);
        usage.put("total_tokens", generation.promptTokens() + generation.completionTokens());
        return answer;
    }

    @Override
    public String opening(Generation generation) {
        ObjectNode created = Json.object().put("type", "response.created");
        created.set("response", head(generation, "in_progress"));
        ObjectNode added =
                Json.object().put("type", "response.output_item.added").put("output_index", 0);
        added.set("item", message(generation, "in_progress", ""));
        return AnswerShape.typedEvent(created) + AnswerShape.typedEvent(added);
    }

    @Override
    public String token(Generation generation, Choice choice, int token) {
        return AnswerShape.typedEvent(Json.object()
                .put("type", "response.output_text.delta")
                .put("item_id", "msg_" + generation.request().id())
                .put("output_index", 0)
                .put("content_index", 0)
                .put("delta", choice.tokens().get(token)));
    }

    @Override
    public String closing(Generation generation) {
        ObjectNode done = Json.object().put("type", "response.output_item.done").put("output_index", 0);
        done.set("item", message(generation, "completed", generation.only().text()));
        String status = generation.only().isCut() ? "response.incomplete" : "response.completed";
        ObjectNode completed = Json.object().put("type", status);
        completed.set("response", whole(generation));
        return AnswerShape.typedEvent(done) + AnswerShape.typedEvent(completed);
    }

    private static ObjectNode head(Generation generation, String status) {
        ObjectNode head = Json.object()
                .put("id", "resp_" + generation.request().id())
                .put("object", "response")
                .put("created_at", Generation.CREATED)
                .put("status", status)
                .putNull("incomplete_details")
                .put("model", generation.request().model());
        head.putArray("output");
        return head;
    }

    private static ObjectNode message(Generation generation, String status, String text) {
        ObjectNode message = Json.object()
                .put("id", "msg_" + generation.request().id())
                .put("type", "message")
                .put("role", "assistant")
                .put("status", status);
        ObjectNode content = message.putArray("content").addObject();
        content.put("type", "output_text").put("text", text).putArray("annotations");
        return message;
    }
}
