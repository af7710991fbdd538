package dev.pdrouter.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pdrouter.connector.JsonBody;

/** How a prefiller's answer ended, in the words of each endpoint. */
final class OneTokenAnswer {

    private OneTokenAnswer() {}

    /**
     * Whether its limit of one token ended it. After anything else the engine sends its blocks to nobody, and a decoder
     * that was told to expect them waits for minutes.
     */
    static boolean endedByLength(JsonBody answer) {
        return finishReason(answer).equals("length")
                || isText(answer, "stop_reason", "max_tokens")
                || isText(answer, "status", "incomplete");
    }

    /** The first choice's reason; empty when there is none. */
    static String finishReason(JsonBody answer) {
        return answer.get("choices")
                .map(choices -> choices.path(0).path("finish_reason"))
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .orElse("");
    }

    private static boolean isText(JsonBody answer, String name, String text) {
        return answer.get(name).filter(value -> text.equals(value.textValue())).isPresent();
    }
}
