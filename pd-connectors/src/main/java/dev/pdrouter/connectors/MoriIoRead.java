package dev.pdrouter.connectors;

import dev.pdrouter.PdException;
import dev.pdrouter.connector.Bypass;
import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The read mode of vLLM's MoRIIOConnector: the prefiller first, and its handoff to the decoder as it is spelled.
 *
 * <p>A decoder in this mode takes the prompt of every request for transferred, whatever it is told, and would go on from
 * blocks that nobody filled. So no request gets to it without a handoff: what must not be split is refused.
 *
 * <p>Source: vLLM 0.32 {@code kv_connector/v1/moriio}, {@code get_num_new_matched_tokens}.
 */
final class MoriIoRead {

    /** What costs more elsewhere than it saves, or fails on older engines, is still right. */
    private static final Set<Bypass> REFUSED = EnumSet.complementOf(EnumSet.of(Bypass.ONE_TOKEN, Bypass.REQUIRED_TOOL));

    private MoriIoRead() {}

    static Plan plan(PlanRequest request, MoriIoRanks ranks) throws PdException {
        Optional<String> reason = Bypass.reason(request.api(), request.body(), REFUSED);
        if (reason.isPresent()) {
            throw refusal(reason.get());
        }
        return new Plan.Sequential(
                Leg.of(NixlV2Connector.prefill(request)).withHeaders(ranks.headers(ranks.any())),
                Optional.of(answer -> handoff(request, answer)),
                Leg.of(request.body()));
    }

    static PdException refusal(String reason) {
        return PdException.Rejected.badRequest(
                "the decoder reads every prompt from a prefiller (MoRI-IO read mode), which this request rules out: "
                        + reason);
    }

    private static Optional<Handoff> handoff(PlanRequest request, JsonBody answer) throws IOException {
        Handoff handoff = NixlV2Connector.handoff(request.api(), answer)
                .orElseThrow(() -> new IOException("it has no kv_transfer_params"));
        return Optional.of(new Handoff(handoff.addTo()));
    }
}
