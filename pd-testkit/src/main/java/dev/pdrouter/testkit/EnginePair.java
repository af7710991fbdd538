package dev.pdrouter.testkit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A prefiller and a decoder that understand each other.
 *
 * @param prefiller where prompts are computed
 * @param decoder where answers come from
 * @param options what a connector has to be configured with to find the two, by the names of its options
 */
public record EnginePair(ModelEngine prefiller, ModelEngine decoder, Map<String, String> options)
        implements AutoCloseable {

    /** Starts a pair. */
    @FunctionalInterface
    public interface Starter {

        /**
         * Starts two new engines.
         *
         * @param prefill how fast the prefiller computes
         * @param decode how fast the decoder does
         * @return the engines, to be closed
         * @throws IOException when one of them cannot listen
         */
        EnginePair start(Pace prefill, Pace decode) throws IOException;
    }

    /** Copies the options. */
    public EnginePair {
        options = Map.copyOf(options);
    }

    /**
     * The engines of a protocol that comes with PdRouter.
     *
     * @param connector its name, as {@code -connector} takes it
     * @return starts engines that speak it
     * @throws IllegalArgumentException when the kit has none
     */
    public static Starter speaking(String connector) {
        return switch (connector) {
            case "nixl", "nixlv2" -> (prefill, decode) -> vllm(KvProtocol.nixl(), prefill, decode);
            case "nixl-push" -> (prefill, decode) -> vllm(KvProtocol.nixlPush(), prefill, decode);
            case "mooncake" -> (prefill, decode) -> vllm(KvProtocol.mooncake(), prefill, decode);
            case "moriio" -> (prefill, decode) -> vllm(KvProtocol.moriio(), prefill, decode);
            case "offloading" -> (prefill, decode) -> vllm(KvProtocol.offloading(), prefill, decode);
            case "lmcache", "shared-storage" -> EnginePair::sharing;
            case "sglang" -> EnginePair::sglang;
            default -> throw new IllegalArgumentException("the kit has no engines for the connector " + connector);
        };
    }

    /**
     * Two vLLM engines.
     *
     * @param protocol how they take orders about KV caches; one of your own, or one of the kit's
     * @param prefill how fast the prefiller computes
     * @param decode how fast the decoder does
     * @return the engines, to be closed
     * @throws IOException when one of them cannot listen
     */
    public static EnginePair vllm(KvProtocol protocol, Pace prefill, Pace decode) throws IOException {
        VllmPrefiller prefiller =
                VllmPrefiller.builder().kv(protocol).pace(prefill).scaleOut().start();
        VllmDecoder decoder =
                VllmDecoder.builder().kv(protocol).pace(decode).scaleOut().start();
        String bootstrap = String.valueOf(prefiller.bootstrap().port());
        return new EnginePair(
                prefiller,
                decoder,
                Map.of(
                        "mooncake-bootstrap-port",
                        bootstrap,
                        "moriio-local-pod-ip",
                        "127.0.0.1",
                        "moriio-decode-handshake-port",
                        String.valueOf(decoder.port()),
                        "moriio-prefill-handshake-port",
                        String.valueOf(prefiller.port()),
                        "p2p-connector-port",
                        String.valueOf(prefiller.port())));
    }

    private static EnginePair sharing(Pace prefill, Pace decode) throws IOException {
        SharedStore store = new SharedStore();
        return new EnginePair(
                VllmPrefiller.builder()
                        .sharedStore(store)
                        .pace(prefill)
                        .scaleOut()
                        .start(),
                VllmDecoder.builder().sharedStore(store).pace(decode).scaleOut().start(),
                Map.of());
    }

    private static EnginePair sglang(Pace prefill, Pace decode) throws IOException {
        SglangEngine prefiller = SglangEngine.prefiller().pace(prefill).start();
        return new EnginePair(
                prefiller,
                SglangEngine.decoder().pace(decode).start(),
                Map.of("sglang-bootstrap-port", String.valueOf(prefiller.port())));
    }

    /**
     * What no router should have done, to either engine.
     *
     * @return one sentence each; empty when all was well
     */
    public List<String> violations() {
        List<String> all = new ArrayList<>();
        prefiller.violations().forEach(what -> all.add("prefiller: " + what));
        decoder.violations().forEach(what -> all.add("decoder: " + what));
        return List.copyOf(all);
    }

    /** Ends both. */
    @Override
    public void close() {
        prefiller.close();
        decoder.close();
    }
}
