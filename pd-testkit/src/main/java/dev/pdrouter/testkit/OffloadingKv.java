package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Legs that know each other by {@code kv_request_id}; see {@link KvProtocol#offloading}. */
final class OffloadingKv implements KvProtocol {
    private static final String ID = "kv_request_id";

    @Override
    public List<String> faults(KvRole role, KvAsk ask) {
        return Stream.of(
                        role == KvRole.PREFILLER
                                        && member(ask, "remote_prefiller").isPresent()
                                ? "a prefiller was told of a prefiller"
                                : "",
                        role == KvRole.DECODER && member(ask, "remote_decoder").isPresent()
                                ? "a decoder was told to keep its blocks"
                                : "",
                        ask.params()
                                        .filter(all -> all.properties().stream().anyMatch(peer -> !peer.getValue()
                                                .path(ID)
                                                .isTextual()))
                                        .isPresent()
                                ? "a peer without a kv_request_id"
                                : "")
                .filter(fault -> !fault.isEmpty())
                .toList();
    }

    @Override
    public Optional<KvKeep> keep(KvAsk ask, KvBlocks blocks) {
        return member(ask, "remote_decoder")
                .map(peer -> KvKeep.silent(peer.path(ID).asText(), false));
    }

    @Override
    public Optional<KvFetch> fetch(KvAsk ask) {
        return member(ask, "remote_prefiller").map(peer -> at(peer, Duration.ofSeconds(30)));
    }

    /** Ignored beside a prefiller. */
    @Override
    public Optional<KvFetch> source(KvAsk ask) {
        return member(ask, "remote_prefiller").isPresent()
                ? Optional.empty()
                : member(ask, "remote_kv_source").map(peer -> at(peer, Duration.ZERO));
    }

    private static KvFetch at(ObjectNode peer, Duration patience) {
        String home = peer.path("remote_host").asText() + ":"
                + peer.path("remote_port").asInt();
        return new KvFetch(home, peer.path(ID).asText(), peer, patience);
    }

    private static Optional<ObjectNode> member(KvAsk ask, String name) {
        return ask.params()
                .map(all -> all.path(name))
                .filter(JsonNode::isObject)
                .map(ObjectNode.class::cast);
    }
}
