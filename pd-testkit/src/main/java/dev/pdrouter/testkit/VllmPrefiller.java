package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ArrayNode;
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
import java.util.function.Supplier;

/**
 * A {@link VllmEngine} with NixlConnector that computes prompts for others.
 *
 * <p>A request with {@code do_remote_decode} is answered with a handoff, whose blocks it keeps until a
 * {@link VllmDecoder} of this process reads them or their lease ends; other requests it answers like any engine.
 */
public final class VllmPrefiller extends VllmEngine {
    private static final int BLOCK = 16;

    private final String engineId = UUID.randomUUID().toString();
    private final HandoffStore store;
    private final List<KvRecord> handoffs = new CopyOnWriteArrayList<>();
    private final AtomicInteger nextBlock = new AtomicInteger(1);

    private VllmPrefiller(VllmBuilder<VllmPrefiller> settings) throws IOException {
        super(settings);
        store = new HandoffStore(engine().signal(), settings.lease);
        SideChannel.open(engineId, store);
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

    /** Ends the engine; its blocks are gone. */
    @Override
    public void close() {
        SideChannel.close(engineId);
        super.close();
    }

    @Override
    Supplier<Generation> admit(VllmRequest request) {
        if (dialect.ordersToRead(request).isPresent()) {
            violation("a prefiller was told to read KV");
        }
        boolean hold = dialect.ordersToHold(request).isPresent();
        if (hold && request.isStreamed()) {
            violation("a streamed prefill returns no handoff");
        }
        return () -> generation(request, hold);
    }

    private Generation generation(VllmRequest request, boolean hold) {
        List<Choice> choices = new ArrayList<>();
        List<ObjectNode> told = new ArrayList<>();
        int tokens = 0;
        for (Prompt prompt : Prompt.of(request.path(), request.body())) {
            tokens += prompt.tokens();
            for (int sample = 0; sample < request.samples(); sample++) {
                choices.add(Choice.of(choices.size(), prompt.seed(), sample, request));
                if (hold) {
                    told.add(hold(request, prompt));
                }
            }
        }
        // Every sample and every prompt keeps its blocks, but an answer can tell of one handoff only.
        Optional<ObjectNode> members = told.stream().findFirst().map(dialect::members);
        return new Generation(request, choices, tokens, toldCachedTokens(cachedTokens.orElse(0)), members);
    }

    private ObjectNode hold(VllmRequest request, Prompt prompt) {
        String suffix = UUID.randomUUID().toString().substring(0, 8);
        String requestName = request.path().idPrefix + request.id() + "-" + suffix;
        int blocks = (prompt.tokens() + BLOCK - 1) / BLOCK;
        ObjectNode told = dialect.told(coordinates(requestName, prompt, blocks));
        String name = dialect.nameToHold(request, requestName);
        handoffs.add(new KvRecord(request.id(), name, prompt.tokens(), blocks, System.nanoTime()));
        store.hold(new HandoffStore.Held(name, prompt, blocks, told));
        return told;
    }

    private ObjectNode coordinates(String requestName, Prompt prompt, int blocks) {
        ObjectNode all = Json.object().put("do_remote_prefill", true).put("do_remote_decode", false);
        ArrayNode ids = all.putArray("remote_block_ids").addArray();
        int first = nextBlock.getAndAdd(blocks);
        for (int i = 0; i < blocks; i++) {
            ids.add(first + i);
        }
        all.put("remote_engine_id", engineId)
                .put("remote_request_id", requestName)
                .put("remote_host", "127.0.0.1")
                .put("remote_port", 5600)
                .put("tp_size", 1)
                .put("dcp_size", 1)
                .put("pp_size", 1)
                .put("remote_num_tokens", prompt.tokens())
                .putNull("remote_blocks_expiry_time")
                .put("transfer_mode", "pull");
        cachedTokens.ifPresent(cached -> all.put("remote_prefill_cached_tokens", cached));
        return all;
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
