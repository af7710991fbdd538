package dev.pdrouter.testkit;

import java.util.List;
import java.util.Optional;

/**
 * How engines take orders about KV caches: what a prefiller keeps, what a decoder fetches, and what neither survives.
 *
 * <p>{@link VllmBuilder#kv} teaches one to an engine. An implementation has no state of a request and is called by many
 * threads at once. Those that this kit has follow vLLM 0.32.
 */
public interface KvProtocol {

    /**
     * Says what ends the engine's process: an assertion that fails, coordinates that are missing.
     *
     * @param role which of the two engines was asked
     * @param ask the request
     * @return what would end it, in a few words; empty for a request that it survives
     */
    default Optional<String> fatal(KvRole role, KvAsk ask) {
        return Optional.empty();
    }

    /**
     * Says what the engine survives but no router should do.
     *
     * @param role which of the two engines was asked
     * @param ask the request
     * @return one sentence each
     */
    default List<String> faults(KvRole role, KvAsk ask) {
        return List.of();
    }

    /**
     * What a prefiller keeps of a prompt that it has computed.
     *
     * @param ask the request
     * @param blocks where the prompt's KV cache is
     * @return empty when it was not told to keep any
     */
    Optional<KvKeep> keep(KvAsk ask, KvBlocks blocks);

    /**
     * What a decoder fetches before it generates.
     *
     * @param ask the request
     * @return empty when it was told nothing, and computes the prompt itself
     */
    Optional<KvFetch> fetch(KvAsk ask);

    /**
     * A third engine that has blocks of the prompt already.
     *
     * @param ask the request
     * @return what the engine looks for there; empty when none is named
     */
    default Optional<KvFetch> source(KvAsk ask) {
        return Optional.empty();
    }

    /**
     * vLLM's NixlConnector: the prefiller tells where the blocks are, the decoder reads them there, once.
     *
     * @return the protocol
     */
    static KvProtocol nixl() {
        return new NixlKv();
    }

    /**
     * The first protocol of NixlConnector, with its members at top level.
     *
     * @return the protocol
     */
    static KvProtocol firstNixl() {
        return new FirstNixlKv();
    }

    /**
     * vLLM's NixlPushConnector: as {@link #nixl}, and the engines pair the legs by the request id.
     *
     * @return the protocol
     */
    static KvProtocol nixlPush() {
        return new NixlPushKv();
    }

    /**
     * vLLM's MooncakeConnector: the legs know each other by a transfer id, and roles are asserted.
     *
     * @return the protocol
     */
    static KvProtocol mooncake() {
        return new MooncakeKv();
    }

    /**
     * vLLM's MoRIIOConnector in its write mode: each engine is told where the other is.
     *
     * @return the protocol
     */
    static KvProtocol moriio() {
        return new MoriIoKv();
    }

    /**
     * vLLM's MoRIIOConnector in its read mode: a decoder takes every request for one that was prefilled elsewhere.
     *
     * @return the protocol
     */
    static KvProtocol moriioRead() {
        return new MoriIoReadKv();
    }

    /**
     * The peer-to-peer tier of vLLM's OffloadingConnector: the legs know each other by a KV request id.
     *
     * @return the protocol
     */
    static KvProtocol offloading() {
        return new OffloadingKv();
    }
}
