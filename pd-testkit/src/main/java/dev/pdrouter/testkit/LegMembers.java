package dev.pdrouter.testkit;

import dev.pdrouter.Stage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which members of a request a leg may have changed.
 *
 * @param stage whose leg
 * @param changed at top level or among the sampling parameters
 * @param reserved at top level; a name that ends with a star stands for all that begin so
 */
record LegMembers(Stage stage, Set<String> changed, Set<String> reserved) {

    /** What makes a request end after one token, with a handoff. */
    static final Set<String> ONE_TOKEN = Set.of(
            "stream",
            "stream_options",
            "max_tokens",
            "max_completion_tokens",
            "max_output_tokens",
            "min_tokens",
            "n",
            "best_of",
            "stop",
            "stop_token_ids",
            "stop_sequences",
            "store",
            "background");

    private static final String PARAMS = "kv_transfer_params";

    /** Objects that hold members which may have changed, and so are looked into. */
    private static final List<String> HOLDERS = List.of("sampling_params", "extra_args");

    void compare(byte[] client, byte[] leg) {
        Set<String> allowed = new LinkedHashSet<>(changed);
        allowed.addAll(reservedIn(client));
        allowed.addAll(reservedIn(leg));
        allowed.add(PARAMS);
        compare(client, leg, allowed, 0);
    }

    private List<String> reservedIn(byte[] object) {
        return RawMembers.of(object).all().stream()
                .map(RawMembers.Member::name)
                .filter(this::isReserved)
                .toList();
    }

    private boolean isReserved(String name) {
        return reserved.stream()
                .anyMatch(each ->
                        each.endsWith("*") ? name.startsWith(each.substring(0, each.length() - 1)) : name.equals(each));
    }

    private void compare(byte[] client, byte[] leg, Set<String> allowed, int depth) {
        RawMembers sent = RawMembers.of(client);
        RawMembers came = RawMembers.of(leg);
        Set<String> apart = new LinkedHashSet<>(allowed);
        if (depth < HOLDERS.size()) {
            String holder = HOLDERS.get(depth);
            apart.add(holder);
            byte[] empty = {'{', '}'};
            compare(sent.value(holder).orElse(empty), came.value(holder).orElse(empty), allowed, depth + 1);
        }
        String expected = sent.without(apart);
        String actual = came.without(apart);
        Check.that(
                expected.equals(actual),
                "the " + stage.engine() + "'s leg has " + actual + " where the client sent " + expected);
    }
}
