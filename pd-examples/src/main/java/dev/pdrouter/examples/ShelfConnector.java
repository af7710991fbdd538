package dev.pdrouter.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import dev.pdrouter.connector.TransferParams;
import java.util.Optional;
import java.util.UUID;

/**
 * A connector for engines that nobody has built: the prefiller puts a prompt's KV cache on a shelf under a key, and the
 * decoder takes it from there.
 */
public final class ShelfConnector implements KvConnector {

    /** A connector without a state, as the service loader wants it. */
    public ShelfConnector() {}

    @Override
    public String name() {
        return "shelf";
    }

    @Override
    public Plan plan(PlanRequest request) {
        String key = UUID.randomUUID().toString();
        String put = "{\"put\":\"%s\"}".formatted(key);
        String take = "{\"take\":\"%s\",\"from\":\"%s\"}".formatted(key, request.prefiller());
        return new Plan.Sequential(
                Leg.of(TransferParams.put(request.api(), request.oneToken(), put.getBytes(UTF_8))),
                Optional.empty(),
                Leg.of(TransferParams.put(request.api(), request.body(), take.getBytes(UTF_8))));
    }
}
