package dev.pdrouter.connectors;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.PdException;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import dev.pdrouter.connector.TransferParams;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * vLLM's MooncakeConnector: the legs know each other by a transfer id, and the prefiller pushes the blocks. Both are sent at
 * once; with {@code mooncake-prefill-first} the decoder's when the prefiller has ended.
 *
 * <p>The decoder has to be told the id of the prefiller's engine, which is new whenever that engine starts. The
 * prefiller's bootstrap server tells it, a rank each: {@code GET /query} answers
 * {@code {"0":{"engine_id":"…","worker_addr":{…}}}}. One of the ranks is chosen, and the prefiller told so by a header.
 * Responses does not read that header: with several ranks its requests go to the decoder alone.
 *
 * <p>A prefiller that ends with anything but its limit of one token pushes nothing, and a decoder would wait up to 480
 * seconds. Where both work at once such an answer ends the request; and as the engine keeps the blocks of a request that is
 * aborted while it waits, for as long, there is the other order, in which such an answer hands nothing over and the decoder
 * works alone. Messages and Responses know no {@code min_tokens} that would prevent such answers.
 *
 * <p>Source: vLLM 0.32 {@code kv_connector/v1/mooncake}; llm-d-router {@code connector_mooncake.go}.
 */
public final class MooncakeConnector implements KvConnector {

    private static final int MOST_RANKS = 1024;

    private final int bootstrapPort;
    private final boolean prefillFirst;

    /** A connector that sends both legs at once, and whose prefillers have their bootstrap server at port 8998. */
    public MooncakeConnector() {
        this(8998, false);
    }

    private MooncakeConnector(int bootstrapPort, boolean prefillFirst) {
        this.bootstrapPort = bootstrapPort;
        this.prefillFirst = prefillFirst;
    }

    @Override
    public String name() {
        return "mooncake";
    }

    /** Takes {@code mooncake-bootstrap-port} and {@code mooncake-prefill-first}. */
    @Override
    public KvConnector configured(Map<String, String> options) {
        return new MooncakeConnector(
                Ports.of(options, "mooncake-bootstrap-port", bootstrapPort),
                Boolean.parseBoolean(options.getOrDefault("mooncake-prefill-first", String.valueOf(prefillFirst))));
    }

    @Override
    public Plan plan(PlanRequest request) throws PdException, IOException, InterruptedException {
        Target bootstrap = new Target(request.prefiller().host(), bootstrapPort);
        JsonBody engines = request.lookup().get(bootstrap, "/query");
        List<String> ranks = ranks(engines);
        if (ranks.size() > 1 && request.api() == GenerationApi.RESPONSES) {
            return new Plan.DecodeOnly(Leg.of(request.body()), "a rank cannot be chosen in Responses");
        }
        String rank = ranks.get(ThreadLocalRandom.current().nextInt(ranks.size()));
        String transfer = "xfer-" + UUID.randomUUID();
        byte[] prefill =
                Text.json("{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"transfer_id\":\"%s\"}", transfer);
        byte[] decode = Text.json(
                "{\"do_remote_decode\":false,\"do_remote_prefill\":true,\"transfer_id\":\"%s\","
                        + "\"remote_bootstrap_addr\":\"http://%s\",\"remote_engine_id\":%s}",
                transfer, bootstrap, engineId(engines, rank));
        Leg toPrefiller = Leg.of(TransferParams.put(request.api(), request.oneToken(), prefill))
                .withHeaders(Map.of("X-data-parallel-rank", rank));
        UnaryOperator<JsonBody> addTo = body -> TransferParams.put(request.api(), body, decode);
        if (prefillFirst) {
            Optional<Handoff> handoff = Optional.of(new Handoff(addTo, OptionalLong.empty(), true));
            return new Plan.Sequential(
                    toPrefiller,
                    Optional.of(answer -> OneTokenAnswer.endedByLength(answer) ? handoff : Optional.empty()),
                    Leg.of(request.body()));
        }
        return new Plan.Concurrent(toPrefiller, OneTokenAnswer::endedByLength, Leg.of(addTo.apply(request.body())));
    }

    private static List<String> ranks(JsonBody engines) throws IOException {
        List<String> ranks = IntStream.range(0, MOST_RANKS)
                .mapToObj(String::valueOf)
                .filter(engines::has)
                .toList();
        if (ranks.isEmpty()) {
            throw new IOException("its bootstrap server knows no engine yet");
        }
        return ranks;
    }

    private static String engineId(JsonBody engines, String rank) throws IOException {
        return engines.object(rank)
                .flatMap(engine -> engine.get("engine_id"))
                .orElseThrow(() -> new IOException("its bootstrap server tells no engine id"))
                .toString();
    }
}
