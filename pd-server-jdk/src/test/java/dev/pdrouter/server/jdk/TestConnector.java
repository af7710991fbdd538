package dev.pdrouter.server.jdk;

import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;

/** A connector to choose by name; it is never asked for a plan. */
public final class TestConnector implements KvConnector {

    /** Created as a service. */
    public TestConnector() {}

    @Override
    public String name() {
        return "test";
    }

    @Override
    public Plan plan(PlanRequest request) {
        throw new UnsupportedOperationException();
    }
}
