package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * A request for tokens, as an engine's KV connector sees it.
 *
 * @param head the first lines of the request
 * @param requestId what both legs of a request are called: {@code X-Request-Id}, or {@code request_id} in Responses
 * @param requestName the same with the endpoint's prefix, as the engine calls the request
 * @param body the whole object
 * @param params {@code kv_transfer_params}, wherever this endpoint reads them; empty without them
 */
public record KvAsk(
        RequestHead head, String requestId, String requestName, ObjectNode body, Optional<ObjectNode> params) {

    /**
     * Whether {@code kv_transfer_params} order something.
     *
     * @param name for instance {@code do_remote_decode}
     * @return whether the member is true
     */
    public boolean orders(String name) {
        return params.filter(all -> all.path(name).asBoolean()).isPresent();
    }

    /**
     * Looks into {@code kv_transfer_params}.
     *
     * @param name of a member
     * @return its text; empty when it is absent or not text
     */
    public Optional<String> text(String name) {
        return params.map(all -> all.path(name)).filter(JsonNode::isTextual).map(JsonNode::textValue);
    }

    /**
     * Looks into {@code kv_transfer_params}.
     *
     * @param names of members
     * @return whether all are there and none is {@code null}
     */
    public boolean hasAll(Iterable<String> names) {
        for (String name : names) {
            if (params.filter(all -> all.hasNonNull(name)).isEmpty()) {
                return false;
            }
        }
        return true;
    }
}
