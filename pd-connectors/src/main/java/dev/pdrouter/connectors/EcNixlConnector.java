package dev.pdrouter.connectors;

import dev.pdrouter.connector.EcConnector;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.TransferParams;
import java.util.List;

/**
 * vLLM's ECCPUConnector with NIXL: each encoder answers where it holds what it computed, by hash, and whoever computes
 * the prompt reads it from there.
 *
 * <p>An answer without such places is none the worse: those media are encoded where they arrive.
 *
 * <p>Source: vLLM 0.32 {@code ec_connector/cpu}; llm-d-router {@code connector_ec_nixl.go}.
 */
public final class EcNixlConnector implements EcConnector {

    /** A connector without a state, as the service loader wants it. */
    public EcNixlConnector() {}

    @Override
    public String name() {
        return "ec-nixl";
    }

    @Override
    public boolean readsAnswers() {
        return true;
    }

    @Override
    public JsonBody merge(JsonBody request, List<JsonBody> answers) {
        return TransferParams.putEncoded(request, answers);
    }
}
