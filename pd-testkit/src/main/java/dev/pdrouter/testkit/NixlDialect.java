package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/** How a version of NIXL's connector in vLLM spells its orders. */
interface NixlDialect {
    /** Without these an order to read ends the engine's process. */
    List<String> VITAL = List.of("remote_block_ids", "remote_engine_id", "remote_host", "remote_port");

    /** The object that holds the orders of a request, if it has any. */
    Optional<ObjectNode> orders(VllmRequest request);

    /** The name that a prefiller keeps the blocks of a request under. */
    String nameToHold(VllmRequest request, String engineRequestId);

    /** The name that a decoder asks for. */
    String nameToRead(VllmRequest request, ObjectNode orders);

    /** What a prefiller tells of a handoff, out of all that it could. */
    ObjectNode told(ObjectNode coordinates);

    /** The members of an answer that tell it. */
    ObjectNode members(ObjectNode told);

    default Optional<ObjectNode> ordersToHold(VllmRequest request) {
        return orders(request).filter(orders -> orders.path("do_remote_decode").asBoolean());
    }

    default Optional<ObjectNode> ordersToRead(VllmRequest request) {
        return orders(request).filter(orders -> orders.path("do_remote_prefill").asBoolean());
    }

    default boolean endsEngine(VllmRequest request) {
        return ordersToRead(request)
                .filter(orders -> !VITAL.stream().allMatch(orders::hasNonNull))
                .isPresent();
    }
}
