package dev.pdrouter.testkit;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.Stage;
import dev.pdrouter.connector.KvConnector;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What every KV connector has to keep to, checked through a real router over real sockets.
 *
 * <p>For each endpoint, streamed and not: both engines take part, are sent nothing that they would not survive, and the
 * client gets the answer that one engine alone would have given; every member that the connector may not change arrives
 * byte for byte; a client that leaves, and an engine that fails, leave nothing behind on the other. With JUnit:
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> conforms() {
 *     return ConnectorConformance.of(
 *                     engines -> KvConnector.named("mooncake").configured(engines.options()),
 *                     EnginePair.speaking("mooncake"))
 *             .checks()
 *             .map(check -> dynamicTest(check.name(), check::run));
 * }
 * }</pre>
 *
 * <p>Immutable; each check starts engines of its own, so checks may run at the same time.
 */
public final class ConnectorConformance {
    private final Function<EnginePair, KvConnector> connectors;
    private final EnginePair.Starter engines;
    private final Map<Stage, Set<String>> changes;
    private final List<GenerationApi> endpoints;

    private ConnectorConformance(
            Function<EnginePair, KvConnector> connectors,
            EnginePair.Starter engines,
            Map<Stage, Set<String>> changes,
            List<GenerationApi> endpoints) {
        this.connectors = connectors;
        this.engines = engines;
        this.changes = changes;
        this.endpoints = endpoints;
    }

    /**
     * Begins with all five endpoints, and a connector that changes what nearly all do: on the prefiller's leg the
     * members that {@code PlanRequest.oneToken()} names, on both {@code kv_transfer_params} and what it reserves.
     *
     * @param connectors makes the connector, configured for engines that listen already
     * @param engines starts engines that speak its protocol
     * @return the conformance
     */
    public static ConnectorConformance of(Function<EnginePair, KvConnector> connectors, EnginePair.Starter engines) {
        Map<Stage, Set<String>> changes = new EnumMap<>(Stage.class);
        changes.put(Stage.PREFILL, LegMembers.ONE_TOKEN);
        changes.put(Stage.DECODE, Set.of());
        List<GenerationApi> all = Stream.of(GenerationApi.values())
                .filter(GenerationApi::disaggregates)
                .filter(api -> api != GenerationApi.SGLANG_GENERATE)
                .toList();
        return new ConnectorConformance(connectors, engines, changes, all);
    }

    /**
     * Says exactly which members the connector changes, adds or removes on a leg, at top level or among the sampling
     * parameters, beside {@code kv_transfer_params} and what it reserves.
     *
     * @param stage whose leg: {@link Stage#PREFILL} or {@link Stage#DECODE}
     * @param members their names, in place of what was allowed before
     * @return another conformance
     * @throws IllegalArgumentException for a stage that a KV connector has no leg for
     */
    public ConnectorConformance changing(Stage stage, String... members) {
        if (!changes.containsKey(stage)) {
            throw new IllegalArgumentException("a KV connector has no leg for " + stage);
        }
        Map<Stage, Set<String>> others = new EnumMap<>(changes);
        others.put(stage, Set.of(members));
        return new ConnectorConformance(connectors, engines, others, endpoints);
    }

    /**
     * Allows more members, on both legs.
     *
     * @param members their names, beside those that were allowed before
     * @return another conformance
     */
    public ConnectorConformance alsoChanging(String... members) {
        Map<Stage, Set<String>> others = new EnumMap<>(Stage.class);
        changes.forEach((stage, before) -> others.put(
                stage, Stream.concat(before.stream(), Stream.of(members)).collect(Collectors.toUnmodifiableSet())));
        return new ConnectorConformance(connectors, engines, others, endpoints);
    }

    /**
     * Leaves the other endpoints out, for engines that do not serve them.
     *
     * @param served what the engines serve
     * @return another conformance
     */
    public ConnectorConformance endpoints(GenerationApi... served) {
        return new ConnectorConformance(connectors, engines, changes, List.of(served));
    }

    /**
     * The checks.
     *
     * @return in the order to read them
     */
    public Stream<Check> checks() {
        List<Check> checks = new ArrayList<>();
        for (GenerationApi api : endpoints) {
            for (boolean streamed : List.of(false, true)) {
                ConformanceRequest request = new ConformanceRequest(api, streamed, "");
                checks.add(new Check("both engines take part: " + request, () -> bothTakePart(request)));
                LifecycleChecks lifecycle = new LifecycleChecks(connectors, engines, request);
                checks.addAll(lifecycle.all());
            }
        }
        return checks.stream();
    }

    private void bothTakePart(ConformanceRequest request) throws Exception {
        try (ConformanceStack stack = new ConformanceStack(engines.start(Pace.none(), Pace.none()), connectors)) {
            String answer = new Answer(stack.post(request, true)).textWithStatus(200);
            stack.awaitNothingLeft();
            stack.checkNoViolations();
            Check.that(stack.engines.decoder().transfers().size() == 1, "the decoder has read no KV cache");
            String alone = Answer.ofOneEngine(request);
            Check.that(answer.equals(alone), "one engine alone answers " + alone + " and not " + answer);
            Set<String> reserved = stack.connector.reserved(request.api());
            for (Stage stage : changes.keySet()) {
                ModelEngine engine = stage == Stage.PREFILL ? stack.engines.prefiller() : stack.engines.decoder();
                EngineCall leg = ConformanceStack.leg(engine, request);
                Check.that(
                        leg.header("X-Request-Id")
                                .filter("conformance-1"::equals)
                                .isPresent(),
                        "the request id of the " + stage.engine() + "'s leg is another");
                new LegMembers(stage, changes.getOrDefault(stage, Set.of()), reserved)
                        .compare(request.bytes(), leg.body());
            }
        }
    }
}
