package dev.pdrouter.connectors;

import dev.pdrouter.connector.EcConnector;
import dev.pdrouter.connector.JsonBody;
import java.util.List;

/**
 * vLLM's ECExampleConnector, whose engines share a folder: the encoders put there what they computed, and whoever
 * computes the prompt finds it by its hash. So the answers need only succeed.
 *
 * <p>Source: vLLM 0.32 {@code ec_connector/example_connector.py}; llm-d-router
 * {@code connector_ec_shared_storage.go}.
 */
public final class EcExampleConnector implements EcConnector {

    /** A connector without a state, as the service loader wants it. */
    public EcExampleConnector() {}

    @Override
    public String name() {
        return "ec-example";
    }

    @Override
    public boolean readsAnswers() {
        return false;
    }

    @Override
    public JsonBody merge(JsonBody request, List<JsonBody> answers) {
        return request;
    }
}
