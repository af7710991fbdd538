package dev.pdrouter.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pdrouter.GenerationApi;
import dev.pdrouter.PdException;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Bypass;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * SGLang, whose engines meet in a room: both get the same request at once, with the prefiller's bootstrap server and a
 * room number that is theirs alone.
 *
 * <p>Limits and {@code stream} are the client's on both legs: the prefiller stops by itself after one token. A repeated
 * room ends both schedulers (sglang #40125), so rooms are random. A list of prompts takes the rooms that follow, so the
 * highest are left out.
 *
 * <p>Each leg carries an id by which {@code /abort_request} ends it at once; of a closed connection alone the engine
 * takes up to 4 seconds to learn. Messages has no such id.
 *
 * <p>Beside the common endpoints it takes SGLang's own, {@code /generate}.
 *
 * <p>There is no decode alone: a decoder refuses a request without a room. Several samples would meet in one room, so
 * they are refused here (sglang PR #40297).
 *
 * <p>Source: SGLang 0.5.23 {@code srt/entrypoints}, {@code PDRoutingFields}, {@code _handle_batch_request}.
 */
public final class SglangConnector implements KvConnector {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final long ROOMS = Long.MAX_VALUE - (1L << 32);
    private static final Set<Bypass> SEVERAL_SAMPLES = EnumSet.of(Bypass.SEVERAL_SAMPLES);

    private final int bootstrapPort;

    /** A connector whose prefillers have their bootstrap server at port 8998. */
    public SglangConnector() {
        this(8998);
    }

    private SglangConnector(int bootstrapPort) {
        this.bootstrapPort = bootstrapPort;
    }

    @Override
    public String name() {
        return "sglang";
    }

    /** Takes {@code sglang-bootstrap-port}. */
    @Override
    public KvConnector configured(Map<String, String> options) {
        return new SglangConnector(Ports.of(options, "sglang-bootstrap-port", bootstrapPort));
    }

    @Override
    public boolean takes(GenerationApi api) {
        return true;
    }

    @Override
    public Optional<String> bypass(GenerationApi api, JsonBody body) {
        return Optional.empty();
    }

    @Override
    public Optional<Leg> withoutPrefill(GenerationApi api, JsonBody body, Optional<Target> kvSource) {
        return Optional.empty();
    }

    @Override
    public Set<String> reserved(GenerationApi api) {
        return Set.of("bootstrap_*", "rid");
    }

    @Override
    public Set<String> edited(GenerationApi api) {
        return api == GenerationApi.RESPONSES ? Set.of("request_id") : Set.of();
    }

    @Override
    public Plan plan(PlanRequest request) throws PdException {
        if (hasSeveralSamples(request)) {
            throw PdException.Rejected.badRequest("n above 1 cannot be disaggregated with SGLang");
        }
        Leg leg = Leg.of(request.body()
                .with("bootstrap_host", Text.quoted(request.prefiller().host()))
                .with("bootstrap_port", String.valueOf(bootstrapPort))
                .with("bootstrap_room", String.valueOf(RANDOM.nextLong(ROOMS))));
        Leg known = request.api() == GenerationApi.MESSAGES ? leg : withId(leg, request);
        return new Plan.Concurrent(known, answer -> !answer.has("error"), known);
    }

    /** Of a list of prompts each may have parameters of its own. */
    private static boolean hasSeveralSamples(PlanRequest request) {
        return Bypass.reason(request.api(), request.body(), SEVERAL_SAMPLES).isPresent()
                || request.api() == GenerationApi.SGLANG_GENERATE
                        && request.body().get("sampling_params").filter(JsonNode::isArray).stream()
                                .flatMap(JsonNode::valueStream)
                                .anyMatch(each -> each.path("n").asDouble() > 1);
    }

    private static Leg withId(Leg leg, PlanRequest request) {
        String member = request.api() == GenerationApi.RESPONSES ? "request_id" : "rid";
        String id = Text.quoted(request.requestId() + HexFormat.of().toHexDigits(RANDOM.nextLong()));
        JsonBody abort = JsonBody.of("{\"rid\":" + id + "}");
        return leg.withBody(leg.body().with(member, id)).withAbort(new Leg.Abort("/abort_request", abort));
    }
}
