package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code /v1/messages}. */
final class MessagesShape implements AnswerShape {

    @Override
    public ObjectNode whole(Generation generation) {
        ObjectNode answer = head(generation);
        answer.withArray("content")
                .addObject()
                .put("type", "text")
                .put("text", generation.only().text());
        answer.put("stop_reason", stopReason(generation));
        answer.set("usage", usage(generation));
        return answer;
    }

    @Override
    public String opening(Generation generation) {
        ObjectNode start = Json.object().put("type", "message_start");
        ObjectNode message = head(generation);
        message.set("usage", usage(generation).put("output_tokens", 0));
        start.set("message", message);
        ObjectNode block = Json.object().put("type", "content_block_start").put("index", 0);
        block.putObject("content_block").put("type", "text").put("text", "");
        return AnswerShape.typedEvent(start) + AnswerShape.typedEvent(block);
    }

    @Override
    public String token(Generation generation, Choice choice, int token) {
        ObjectNode delta = Json.object().put("type", "content_block_delta").put("index", 0);
        delta.putObject("delta")
                .put("type", "text_delta")
                .put("text", choice.tokens().get(token));
        return AnswerShape.typedEvent(delta);
    }

    @Override
    public String closing(Generation generation) {
        ObjectNode end = Json.object().put("type", "message_delta");
        end.putObject("delta").put("stop_reason", stopReason(generation)).putNull("stop_sequence");
        end.set("usage", usage(generation));
        return AnswerShape.typedEvent(
                        Json.object().put("type", "content_block_stop").put("index", 0))
                + AnswerShape.typedEvent(end)
                + AnswerShape.typedEvent(Json.object().put("type", "message_stop"));
    }

    private static ObjectNode head(Generation generation) {
        ObjectNode head = Json.object()
                .put("id", "msg_" + generation.request().id())
                .put("type", "message")
                .put("role", "assistant");
        head.putArray("content");
        return head.put("model", generation.request().model())
                .putNull("stop_reason")
                .putNull("stop_sequence");
    }

    /** The cached tokens are not among the input tokens here. */
    private static ObjectNode usage(Generation generation) {
        int cached = generation.cachedTokens().orElse(0);
        return Json.object()
                .put("input_tokens", generation.promptTokens() - cached)
                .put("output_tokens", generation.completionTokens())
                .put("cache_read_input_tokens", cached);
    }

    private static String stopReason(Generation generation) {
        return generation.only().isCut() ? "max_tokens" : "end_turn";
    }
}
