package dev.pdrouter.testkit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A {@link VllmEngine} that reads the KV caches which a {@link VllmPrefiller} of this process has computed, and generates.
 *
 * <p>With a handoff that is not there any more, or is of another prompt, it answers a wrong text with status 200, as the
 * real one can; and notes that as a violation. Where its protocol has it wait for the prefiller, it does, up to minutes.
 */
public final class VllmDecoder extends VllmEngine {
    private final VllmBuilder<VllmDecoder> settings;
    private final AtomicInteger released = new AtomicInteger();
    private final AtomicInteger localPrefills = new AtomicInteger();
    private final AtomicInteger declined = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();

    private VllmDecoder(VllmBuilder<VllmDecoder> settings) throws IOException {
        super(settings, KvRole.DECODER);
        this.settings = settings;
    }

    /**
     * Starts a decoder with the defaults, on a free port.
     *
     * @return the engine, listening
     * @throws IOException when it cannot listen
     */
    public static VllmDecoder start() throws IOException {
        return builder().start();
    }

    /**
     * Begins a decoder that differs from the defaults.
     *
     * @return a builder
     */
    public static VllmBuilder<VllmDecoder> builder() {
        return new VllmBuilder<>(VllmDecoder::new);
    }

    /**
     * How many handoffs were freed, unread, by a request that the serving layer refused.
     *
     * @return a count
     */
    public int released() {
        return released.get();
    }

    /**
     * How many requests had no handoff, so that this engine computed their prompt itself.
     *
     * @return a count
     */
    public int localPrefills() {
        return localPrefills.get();
    }

    /**
     * How many requests were declined since too little of their prompt was in the shared store.
     *
     * @return a count
     */
    public int declined() {
        return declined.get();
    }

    /** How many requests wait for a prefiller. */
    @Override
    public int pending() {
        return waiting.get();
    }

    @Override
    AnswerWriter.Prefilled admit(VllmRequest request) {
        lookAtSource(request);
        Optional<KvFetch> order = kv().fetch(request.ask());
        return call ->
                settings.store.isPresent() ? shared(request, settings.store.get()) : generation(request, order, call);
    }

    private Generation generation(VllmRequest request, Optional<KvFetch> order, EngineCall call)
            throws IOException, InterruptedException {
        if (order.isEmpty()) {
            localPrefills.incrementAndGet();
        } else {
            awaitKv(order.get(), call);
        }
        List<Choice> choices = new ArrayList<>();
        int tokens = 0;
        for (Prompt prompt : Prompt.of(request.path(), request.body())) {
            tokens += prompt.tokens();
            for (int sample = 0; sample < request.samples(); sample++) {
                long seed = order.isEmpty() ? prompt.seed() : seedOfWhatIsRead(request, order.get(), prompt);
                choices.add(Choice.of(choices.size(), seed, sample, request));
            }
        }
        int handedOff = tokens;
        int cached = order.map(fetch ->
                        fetch.orders().path("remote_prefill_cached_tokens").asInt(handedOff))
                .orElse(0);
        return new Generation(request, choices, tokens, toldCachedTokens(cached), Optional.empty());
    }

    /** With engines that share a store nothing is handed over: what is there is used, and what is not is computed. */
    private Generation shared(VllmRequest request, SharedStore store) {
        List<Choice> choices = new ArrayList<>();
        int tokens = 0;
        for (Prompt prompt : Prompt.of(request.path(), request.body())) {
            tokens += prompt.tokens();
            if (store.has(prompt.seed())) {
                transferred(new KvRecord(request.id(), "", prompt.tokens(), 0, System.nanoTime()));
            } else if (request.cacheHitThreshold() > 0) {
                declined.incrementAndGet();
                List<Choice> none = List.of(Choice.declined());
                return new Generation(request, none, tokens, toldCachedTokens(0), Optional.empty());
            } else {
                localPrefills.incrementAndGet();
                store.put(prompt.seed());
            }
            for (int sample = 0; sample < request.samples(); sample++) {
                choices.add(Choice.of(choices.size(), prompt.seed(), sample, request));
            }
        }
        return new Generation(request, choices, tokens, toldCachedTokens(0), Optional.empty());
    }

    /** Waits as long as the protocol has it, unless the peer leaves. */
    private void awaitKv(KvFetch order, EngineCall call) throws IOException, InterruptedException {
        if (SideChannel.find(order.home()).isEmpty()) {
            violation("there is no prefiller " + order.home());
        }
        engine().signal().update(waiting::incrementAndGet);
        try (SideChannel.Watch watch = SideChannel.watch(engine().signal())) {
            boolean there =
                    watch.signal().await(() -> isThere(order) || call.gone().isPresent(), order.patience());
            if (call.gone().isPresent()) {
                throw new PeerLeft();
            }
            if (!there && !order.patience().isZero()) {
                violation("the decoder has waited for " + order.name() + " in vain");
            }
        } finally {
            engine().signal().update(waiting::decrementAndGet);
        }
    }

    private static boolean isThere(KvFetch order) {
        return SideChannel.find(order.home())
                .filter(store -> store.knows(order.name()))
                .isPresent();
    }

    /** Each sample reads the handoff for itself, and only the first one can. */
    private long seedOfWhatIsRead(VllmRequest request, KvFetch order, Prompt prompt) {
        return switch (read(order)) {
            case HandoffStore.Read.Gone gone -> {
                violation("the handoff " + order.name() + " cannot be read: " + gone.end().why);
                yield ~prompt.seed();
            }
            case HandoffStore.Read.Found found -> {
                HandoffStore.Held held = found.handoff();
                transferred(new KvRecord(
                        request.id(), order.name(), held.prompt().tokens(), held.blocks(), System.nanoTime()));
                compare(held, order, prompt);
                yield held.prompt().seed();
            }
        };
    }

    private void compare(HandoffStore.Held held, KvFetch order, Prompt prompt) {
        if (held.prompt().seed() != prompt.seed()) {
            violation("the handoff " + held.name() + " is of another prompt");
        }
        held.told().properties().forEach(member -> {
            String came = String.valueOf(order.orders().get(member.getKey()));
            boolean same = member.getValue().toString().equals(came);
            // A router may be told to put another host there.
            if (!same && !member.getKey().equals("remote_host")) {
                violation("the handoff's " + member.getKey() + " did not arrive as it was sent");
            }
        });
    }

    private static HandoffStore.Read read(KvFetch order) {
        return SideChannel.find(order.home())
                .map(store -> store.read(order.name()))
                .orElse(new HandoffStore.Read.Gone(HandoffStore.End.UNKNOWN));
    }

    @Override
    void refused(VllmRequest request) {
        kv().fetch(request.ask())
                .map(VllmDecoder::read)
                .filter(HandoffStore.Read.Found.class::isInstance)
                .ifPresent(found -> released.incrementAndGet());
    }

    @Override
    Map<String, Number> counters() {
        int handedOff = transfers().stream().mapToInt(KvRecord::tokens).sum();
        return Map.of(
                "vllm:request_success_total",
                requests() - aborted(),
                "vllm:nixl_xfer_time_seconds_count",
                transfers().size(),
                "vllm:external_prefix_cache_hits_total",
                handedOff);
    }
}
