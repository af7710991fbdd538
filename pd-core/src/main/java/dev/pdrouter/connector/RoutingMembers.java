package dev.pdrouter.connector;

import static dev.pdrouter.GenerationApi.CHAT;

import dev.pdrouter.GenerationApi;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The members that decide where a request goes and what each engine is told.
 *
 * <p>JSON does not say which of two members of one name counts, and engines and proxies disagree, so a request that
 * has one of these twice is refused. Twice any other is the engine's affair.
 */
public final class RoutingMembers {

    /** What {@link MediaParts} reads and edits at top level; it looks at the levels below itself. */
    private static final List<String> ENCODED = Stream.of(
                    List.of("messages"), OneToken.outerMembers(CHAT), OneToken.samplingMembers(CHAT))
            .flatMap(List::stream)
            .toList();

    private static final Map<GenerationApi, Set<String>> SAMPLING = new EnumMap<>(GenerationApi.class);

    static {
        for (GenerationApi api : GenerationApi.values()) {
            Set<String> names = new LinkedHashSet<>(OneToken.samplingMembers(api));
            names.addAll(Bypass.members(api));
            SAMPLING.put(api, Set.copyOf(names));
        }
    }

    private RoutingMembers() {}

    /**
     * Finds the routing members that are ambiguous, at every level where one is looked for.
     *
     * @param api the endpoint
     * @param body the client's object as it came
     * @param reserved what the connector reserves at top level, see {@link KvConnector#reserved}
     * @param edited what the connector reads or edits at top level, see {@link KvConnector#edited}
     * @param disaggregated whether there is a prefiller; the transfer members alone matter to a decoder alone
     * @return their names as they were given, nothing of the client's, without an order; empty for almost every request
     */
    public static Set<String> occurringTwice(
            GenerationApi api, JsonBody body, Set<String> reserved, Set<String> edited, boolean disaggregated) {
        Set<String> twice = new LinkedHashSet<>();
        collect(body, TransferParams.NAMES, twice);
        collect(body, List.of(TransferParams.OPENAI_EXTRA, TransferParams.SAMPLING), twice);
        collect(body, reserved, twice);
        collect(body, edited, twice);
        collect(Nested.object(body, TransferParams.OPENAI_EXTRA), TransferParams.NAMES, twice);
        JsonBody params = Nested.object(body, TransferParams.SAMPLING);
        collect(params, List.of(TransferParams.EXTRA), twice);
        collect(Nested.object(params, TransferParams.EXTRA), TransferParams.NAMES, twice);
        if (disaggregated) {
            collect(body, OneToken.outerMembers(api), twice);
            if (api == GenerationApi.MESSAGES) {
                collect(Nested.object(body, "tool_choice"), List.of("type"), twice);
                collect(Nested.object(body, "thinking"), List.of("type"), twice);
            }
            collect(Nested.sampling(api, body), SAMPLING.getOrDefault(api, Set.of()), twice);
        }
        return twice;
    }

    /**
     * Finds the top-level members that are ambiguous in a request with media to encode. Those in messages and their
     * parts are looked for when they are read, see {@link EcConnector#split}.
     *
     * @param body the client's object as it came, to the chat endpoint
     * @return their names, without an order
     */
    public static Set<String> occurringTwiceToEncode(JsonBody body) {
        Set<String> twice = new LinkedHashSet<>();
        collect(body, ENCODED, twice);
        return twice;
    }

    private static void collect(JsonBody object, Collection<String> names, Set<String> twice) {
        if (!object.mayRepeat()) {
            return;
        }
        for (String name : names) {
            JsonName wanted = JsonName.reserved(name);
            if (wanted.open() ? object.repeats(wanted) : object.count(name) > 1) {
                twice.add(name);
            }
        }
    }
}
