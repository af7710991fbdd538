package dev.pdrouter.connectors;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/**
 * The data-parallel ranks of MoRI-IO engines, the same number on both sides, perhaps on several hosts.
 *
 * @param size how many, all hosts together
 * @param perHost how many on each host; 0 when there is one host
 * @param decoderHosts in the order of their ranks; empty for one
 * @param prefillerHosts in the order of their ranks; empty for one
 */
record MoriIoRanks(int size, int perHost, List<String> decoderHosts, List<String> prefillerHosts) {

    static final MoriIoRanks ONE = new MoriIoRanks(1, 0, List.of(), List.of());

    static MoriIoRanks configured(Map<String, String> options) {
        MoriIoRanks ranks = new MoriIoRanks(
                Ports.number(options, "moriio-dp-size", 1, 65535),
                options.getOrDefault("moriio-dp-size-local", "0").equals("0")
                        ? 0
                        : Ports.number(options, "moriio-dp-size-local", 1, 65535),
                hosts(options, "moriio-decode-hosts"),
                hosts(options, "moriio-remote-hosts"));
        ranks.check("moriio-decode-hosts", ranks.decoderHosts());
        ranks.check("moriio-remote-hosts", ranks.prefillerHosts());
        return ranks;
    }

    private static List<String> hosts(Map<String, String> options, String name) {
        return Arrays.stream(options.getOrDefault(name, "").split(","))
                .map(String::strip)
                .filter(host -> !host.isEmpty())
                .toList();
    }

    /** An engine finds a rank's host by dividing: with other numbers it would meet the wrong one, and hang. */
    private void check(String name, List<String> hosts) {
        if (hosts.size() > 1 && perHost * hosts.size() != size) {
            throw new IllegalArgumentException(name + ": " + hosts.size()
                    + " hosts need moriio-dp-size-local times their number to be moriio-dp-size, which is " + size);
        }
    }

    /** Any rank: one request has the same on both legs. */
    int any() {
        return ThreadLocalRandom.current().nextInt(size);
    }

    /** Which engine of those behind one address is to take a leg. */
    Map<String, String> headers(int rank) {
        return size > 1 ? Map.of("X-data-parallel-rank", String.valueOf(rank)) : Map.of();
    }

    /** What a leg is told of the other side's ranks, to stand behind other members. */
    String members(int rank, List<String> otherHosts) {
        StringBuilder members = new StringBuilder();
        if (size > 1) {
            members.append(",\"remote_dp_rank\":").append(rank).append(",\"remote_dp_rank_override\":true");
        }
        if (!otherHosts.isEmpty()) {
            members.append(",\"remote_hosts\":")
                    .append(otherHosts.stream().map(Text::quoted).collect(Collectors.joining(",", "[", "]")));
        }
        if (!otherHosts.isEmpty() && perHost > 0) {
            members.append(",\"remote_dp_size_local\":").append(perHost);
        }
        return members.toString();
    }
}
