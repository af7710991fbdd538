package dev.pdrouter.connectors;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * vLLM's NixlPushConnector, in which the prefiller writes the KV cache into the decoder: as {@link NixlV2Connector}, the
 * prefiller first, and its handoff to the decoder as it is spelled.
 *
 * <p>The engines pair the legs by the request id, so both have the same one; Responses reads it in the body. The legs
 * could overlap, but a decoder whose prefiller never comes keeps its blocks for minutes, even when it is aborted.
 *
 * <p>A handoff without {@code tp_size} or {@code remote_request_id} would end the decoder's engine, so it never gets
 * one: the prefiller counts as failed.
 *
 * <p>Source: vLLM 0.32 {@code kv_connector/v1/nixl}.
 */
public final class NixlPushConnector implements KvConnector {

    private static final List<String> INDISPENSABLE = List.of("tp_size", "remote_request_id");

    /** A connector without a state, as the service loader wants it. */
    public NixlPushConnector() {}

    @Override
    public String name() {
        return "nixl-push";
    }

    @Override
    public Set<String> edited(GenerationApi api) {
        return api == GenerationApi.RESPONSES ? Set.of("request_id") : Set.of();
    }

    @Override
    public Plan plan(PlanRequest request) {
        GenerationApi api = request.api();
        return new Plan.Sequential(
                Leg.of(withId(request, NixlV2Connector.prefill(request))),
                Optional.of(answer -> handoff(api, answer)),
                Leg.of(withId(request, request.body())));
    }

    private static JsonBody withId(PlanRequest request, JsonBody body) {
        return request.api() == GenerationApi.RESPONSES
                ? body.with("request_id", Text.quoted(request.requestId()))
                : body;
    }

    private static Optional<Handoff> handoff(GenerationApi api, JsonBody answer) throws IOException {
        Optional<JsonBody> params = answer.object("kv_transfer_params");
        if (params.isPresent() && !INDISPENSABLE.stream().allMatch(params.get()::has)) {
            throw new IOException("the handoff has no " + String.join(" or no ", INDISPENSABLE));
        }
        return NixlV2Connector.handoff(api, answer).map(handoff -> new Handoff(handoff.addTo()));
    }
}
