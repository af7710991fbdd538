package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** The first spelling: members at top level, both legs named by the same request id. */
final class NixlFirst implements NixlDialect {

    @Override
    public Optional<ObjectNode> orders(VllmRequest request) {
        return Optional.of(request.body());
    }

    @Override
    public String nameToHold(VllmRequest request, String engineRequestId) {
        return request.id();
    }

    @Override
    public String nameToRead(VllmRequest request, ObjectNode orders) {
        return request.id();
    }

    @Override
    public ObjectNode told(ObjectNode coordinates) {
        return coordinates.deepCopy().retain(VITAL);
    }

    @Override
    public ObjectNode members(ObjectNode told) {
        return told;
    }
}
