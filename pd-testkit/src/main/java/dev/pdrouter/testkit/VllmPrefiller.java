package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A {@link VllmEngine} that computes prompts for others.
 *
 * <p>What it is told to keep, it keeps until a {@link VllmDecoder} of this process has fetched it or its lease ends;
 * other requests it answers like any engine. Its side channels are taken to be at its own port.
 */
public final class VllmPrefiller extends VllmEngine {
    private static final int BLOCK = 16;

    private final VllmBuilder<VllmPrefiller> settings;
    private final HandoffStore store;
    private final List<KvRecord> handoffs = new CopyOnWriteArrayList<>();
    private final AtomicInteger nextBlock = new AtomicInteger(1);
    private final BootstrapServer bootstrap;
    private volatile String engineId = UUID.randomUUID().toString();

    private VllmPrefiller(VllmBuilder<VllmPrefiller> settings) throws IOException {
        super(settings, KvRole.PREFILLER);
        this.settings = settings;
        store = new HandoffStore(engine().signal(), settings.lease);
        bootstrap = BootstrapServer.start(settings.registered ? engineId : "");
        SideChannel.open(engineId, store);
        SideChannel.open(address(), store);
        SideChannel.open("http://" + bootstrap.address(), store);
    }

    /**
     * Starts a prefiller with the defaults, on a free port.
     *
     * @return the engine, listening
     * @throws IOException when it cannot listen
     */
    public static VllmPrefiller start() throws IOException {
        return builder().start();
    }

    /**
     * Begins a prefiller that differs from the defaults.
     *
     * @return a builder
     */
    public static VllmBuilder<VllmPrefiller> builder() {
        return new VllmBuilder<>(VllmPrefiller::new);
    }

    /**
     * The handoffs that were made, in order.
     *
     * @return a snapshot
     */
    public List<KvRecord> handoffs() {
        return List.copyOf(handoffs);
    }

    /**
     * How many handoffs are kept, unread.
     *
     * @return their number now
     */
    public int held() {
        return store.size();
    }

    @Override
    public int pending() {
        return held();
    }

    /**
     * How many handoffs nobody read before their lease ended.
     *
     * @return a count
     */
    public int expired() {
        return store.expired();
    }

    /**
     * Waits until so many handoffs are kept.
     *
     * @param count exactly; 0 to wait until none is left stranded
     * @param timeout at most
     * @throws InterruptedException when the thread was interrupted
     * @throws AssertionError when there are more or fewer
     */
    public void awaitHeld(int count, Duration timeout) throws InterruptedException {
        engine().signal().expect(() -> store.size() == count, timeout, count + " handoffs held");
    }

    /**
     * The server that tells Mooncake's engine ids, at {@code /query}: a port of its own, whatever protocol is spoken.
     *
     * @return the server, with every call it got
     */
    public Engine bootstrap() {
        return bootstrap.engine();
    }

    /**
     * What the engine is called by decoders.
     *
     * @return another one after each {@link #restart}
     */
    public String engineId() {
        return engineId;
    }

    /** Ends and begins anew: connections are dropped, blocks are gone, and the engine's id is another. */
    public void restart() {
        SideChannel.close(engineId);
        engine().dropConnections();
        store.clear();
        engineId = UUID.randomUUID().toString();
        SideChannel.open(engineId, store);
        register();
    }

    /** Tells the bootstrap server of the engine, which has answered {@code {}} if it was begun unregistered. */
    public void register() {
        bootstrap.register(engineId);
    }

    /** Ends the engine; its blocks are gone. */
    @Override
    public void close() {
        List.of(engineId, address(), "http://" + bootstrap.address()).forEach(SideChannel::close);
        bootstrap.close();
        super.close();
    }

    @Override
    AnswerWriter.Prefilled admit(VllmRequest request) {
        lookAtSource(request);
        return call -> generation(request);
    }

    private Generation generation(VllmRequest request) {
        List<Choice> choices = new ArrayList<>();
        List<ObjectNode> told = new ArrayList<>();
        int tokens = 0;
        for (Prompt prompt : Prompt.of(request.path(), request.body())) {
            tokens += prompt.tokens();
            settings.store.ifPresent(shared -> shared.put(prompt.seed()));
            for (int sample = 0; sample < request.samples(); sample++) {
                Choice choice = Choice.of(choices.size(), prompt.seed(), sample, request);
                choices.add(choice);
                keep(request, prompt, choice).ifPresent(told::add);
            }
        }
        // Every sample and every prompt keeps its blocks, but an answer can tell of one handoff only.
        Optional<ObjectNode> members = told.stream().findFirst();
        int cached = settings.cachedTokens.orElse(0);
        return new Generation(request, choices, tokens, toldCachedTokens(cached), members);
    }

    /** Keeps the blocks if so ordered; returns what the answer tells of it. */
    private Optional<ObjectNode> keep(VllmRequest request, Prompt prompt, Choice choice) {
        int count = (prompt.tokens() + BLOCK - 1) / BLOCK;
        KvAsk ask = request.ask();
        Optional<KvKeep> kept = kv().keep(ask, blocks(ask, prompt, count));
        kept.ifPresent(keep -> {
            if (request.isStreamed()) {
                violation("a streamed prefill returns no handoff");
            }
            keep.destination()
                    .filter(decoder -> !SideChannel.knows(decoder) || decoder.equals(address()))
                    .ifPresent(decoder -> violation("there is no decoder at " + decoder));
            if (!keep.onlyWhenCut() || choice.isCut()) {
                handoffs.add(new KvRecord(request.id(), keep.name(), prompt.tokens(), count, System.nanoTime()));
                ObjectNode told = keep.members().map(VllmPrefiller::params).orElseGet(Json::object);
                store.hold(new HandoffStore.Held(keep.name(), prompt, count, told));
            }
        });
        return kept.flatMap(KvKeep::members);
    }

    private KvBlocks blocks(KvAsk ask, Prompt prompt, int count) {
        String suffix = UUID.randomUUID().toString().substring(0, 8);
        return new KvBlocks(
                engineId,
                port(),
                ask.requestName() + "-" + suffix,
                settings.blockIds.of(nextBlock.getAndAdd(count), count),
                prompt.tokens(),
                settings.cachedTokens);
    }

    private static ObjectNode params(ObjectNode members) {
        return members.path("kv_transfer_params") instanceof ObjectNode params ? params : members;
    }

    @Override
    void refused(VllmRequest request) {}

    @Override
    Map<String, Number> counters() {
        return Map.of(
                "vllm:request_success_total",
                requests() - aborted(),
                "vllm:kv_cache_usage_perc",
                held() == 0 ? 0 : 0.5);
    }
}
