package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** How one endpoint writes a generation: as one object, or as events. */
interface AnswerShape {

    /** The whole answer, without the handoff: an object, or a list of them. */
    JsonNode whole(Generation generation);

    /** The events before the first token; empty when there are none. */
    String opening(Generation generation);

    /** The event of one token. */
    String token(Generation generation, Choice choice, int token);

    /** The events after the last token; empty when there are none. */
    String closing(Generation generation);

    /** An event without a name. */
    static String event(ObjectNode data) {
        return "data: " + data + "\n\n";
    }

    /** An event whose name is its type. */
    static String typedEvent(ObjectNode data) {
        return "event: " + data.path("type").asText() + "\n" + event(data);
    }
}
