package dev.pdrouter.testkit;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What a prefiller or a decoder can differ in.
 *
 * @param <T> which of the two
 */
public final class VllmBuilder<T extends VllmEngine> {
    private final Start<T> start;
    int port;

    @Nullable
    SSLContext tls;

    Set<String> models = Set.of();
    Pace pace = Pace.none();
    Duration lease = Duration.ofSeconds(30);
    OptionalInt cachedTokens = OptionalInt.of(0);
    boolean promptTokensDetails;
    boolean scaleOut;
    KvProtocol kv = KvProtocol.nixl();
    BlockIds blockIds = BlockIds.NESTED;
    boolean registered = true;
    Optional<SharedStore> store = Optional.empty();
    Optional<SharedStore> media = Optional.empty();
    Duration idleTimeout = Duration.ofSeconds(5);

    VllmBuilder(Start<T> start) {
        this.start = start;
    }

    /** Makes the engine. */
    @FunctionalInterface
    interface Start<T extends VllmEngine> {
        T start(VllmBuilder<T> builder) throws IOException;
    }

    /**
     * Sets the port.
     *
     * @param number from 1 to 65535; any free one when not set
     * @return this
     */
    public VllmBuilder<T> port(int number) {
        port = number;
        return this;
    }

    /**
     * Speaks TLS.
     *
     * @param context with the engine's certificate
     * @return this
     */
    public VllmBuilder<T> tls(SSLContext context) {
        tls = context;
        return this;
    }

    /**
     * Serves only these models; another is a 404.
     *
     * @param names the models; every name is served when not set
     * @return this
     */
    public VllmBuilder<T> models(String... names) {
        models = Set.of(names);
        return this;
    }

    /**
     * Sets how fast the engine computes. A decoder's token 0 includes reading the KV cache.
     *
     * @param tokens as fast as it can when not set
     * @return this
     */
    public VllmBuilder<T> pace(Pace tokens) {
        pace = tokens;
        return this;
    }

    /**
     * Sets how long a prefiller keeps a handoff that nobody reads.
     *
     * @param duration 30 s when not set, as in vLLM 0.32
     * @return this
     */
    public VllmBuilder<T> lease(Duration duration) {
        lease = duration;
        return this;
    }

    /**
     * Sets how many tokens of each prompt a prefiller has cached.
     *
     * @param tokens 0 when not set
     * @return this
     */
    public VllmBuilder<T> cachedTokens(int tokens) {
        cachedTokens = OptionalInt.of(tokens);
        return this;
    }

    /**
     * Leaves {@code remote_prefill_cached_tokens} out of a prefiller's handoffs, as vLLM before 0.32 does: a decoder then
     * reports everything it was handed as cached.
     *
     * @return this
     */
    public VllmBuilder<T> withoutCachedTokens() {
        cachedTokens = OptionalInt.empty();
        return this;
    }

    /**
     * Tells cached tokens in {@code usage}, as {@code --enable-prompt-tokens-details} does.
     *
     * @return this
     */
    public VllmBuilder<T> promptTokensDetails() {
        promptTokensDetails = true;
        return this;
    }

    /**
     * Serves {@code /inference/v1/generate}, as {@code --enable-scale-out} does; it is a 403 otherwise.
     *
     * @return this
     */
    public VllmBuilder<T> scaleOut() {
        scaleOut = true;
        return this;
    }

    /**
     * Sets how the engine takes orders about KV caches.
     *
     * @param protocol {@link KvProtocol#nixl} when not set
     * @return this
     */
    public VllmBuilder<T> kv(KvProtocol protocol) {
        kv = protocol;
        return this;
    }

    /**
     * Speaks the first NIXL protocol, with its members at top level.
     *
     * @return this
     */
    public VllmBuilder<T> firstNixlProtocol() {
        return kv(KvProtocol.firstNixl());
    }

    /**
     * Sets how a prefiller spells the ids of blocks.
     *
     * @param spelling {@link BlockIds#NESTED} when not set
     * @return this
     */
    public VllmBuilder<T> blockIds(BlockIds spelling) {
        blockIds = spelling;
        return this;
    }

    /**
     * Shares a store of KV blocks with other engines, and takes no orders about them. A decoder then knows
     * {@code cache_hit_threshold}: it declines a request whose prompt is not in the store.
     *
     * @param shared by a prefiller and its decoders
     * @return this
     */
    public VllmBuilder<T> sharedStore(SharedStore shared) {
        store = Optional.of(shared);
        return this;
    }

    /**
     * Shares a store of encoded media with other engines, as ECExampleConnector does.
     *
     * @param shared by encoders and those that use their work; {@code ec_transfer_params} tell of it when not set
     * @return this
     */
    public VllmBuilder<T> mediaStore(SharedStore shared) {
        media = Optional.of(shared);
        return this;
    }

    /**
     * Begins before the engine has registered with its bootstrap server, which answers {@code {}} until
     * {@link VllmPrefiller#register}.
     *
     * @return this
     */
    public VllmBuilder<T> unregistered() {
        registered = false;
        return this;
    }

    /**
     * Sets how long a connection is kept after an answer.
     *
     * @param timeout 5 s when not set, as uvicorn has it
     * @return this
     */
    public VllmBuilder<T> idleTimeout(Duration timeout) {
        idleTimeout = timeout;
        return this;
    }

    /**
     * Starts the engine.
     *
     * @return the engine, listening
     * @throws IOException when it cannot listen
     */
    public T start() throws IOException {
        T engine = start.start(this);
        engine.open();
        return engine;
    }
}
