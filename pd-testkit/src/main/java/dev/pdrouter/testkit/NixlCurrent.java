package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Today's spelling: everything in {@code kv_transfer_params}, the handoff named by {@code remote_request_id}. */
final class NixlCurrent implements NixlDialect {

    @Override
    public Optional<ObjectNode> orders(VllmRequest request) {
        return request.kvTransferParams();
    }

    @Override
    public String nameToHold(VllmRequest request, String engineRequestId) {
        return engineRequestId;
    }

    @Override
    public String nameToRead(VllmRequest request, ObjectNode orders) {
        return orders.path("remote_request_id").asText();
    }

    @Override
    public ObjectNode told(ObjectNode coordinates) {
        return coordinates;
    }

    @Override
    public ObjectNode members(ObjectNode told) {
        return Json.object().set("kv_transfer_params", told);
    }
}
