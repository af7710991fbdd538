package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A {@link VllmEngine} with NixlConnector that reads the KV caches which a {@link VllmPrefiller} of this process has
 * computed, and generates.
 *
 * <p>With a handoff that is not there any more, or is of another prompt, it answers a wrong text with status 200, as the
 * real one can; and notes that as a violation.
 */
public final class VllmDecoder extends VllmEngine {
    private final List<KvRecord> transfers = new CopyOnWriteArrayList<>();
    private final AtomicInteger released = new AtomicInteger();
    private final AtomicInteger localPrefills = new AtomicInteger();

    private VllmDecoder(VllmBuilder<VllmDecoder> settings) throws IOException {
        super(settings);
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
     * The KV caches that were read, in order.
     *
     * @return a snapshot
     */
    public List<KvRecord> transfers() {
        return List.copyOf(transfers);
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

    @Override
    Supplier<Generation> admit(VllmRequest request) {
        if (dialect.ordersToHold(request).isPresent()) {
            violation("a decoder was told to keep its blocks");
        }
        Optional<ObjectNode> orders = dialect.ordersToRead(request);
        if (orders.isEmpty()) {
            localPrefills.incrementAndGet();
        }
        List<Choice> choices = new ArrayList<>();
        int tokens = 0;
        for (Prompt prompt : Prompt.of(request.path(), request.body())) {
            tokens += prompt.tokens();
            for (int sample = 0; sample < request.samples(); sample++) {
                long seed = orders.isEmpty() ? prompt.seed() : seedOfWhatIsRead(request, orders.get(), prompt);
                choices.add(Choice.of(choices.size(), seed, sample, request));
            }
        }
        int handedOff = tokens;
        int cached = orders.map(
                        told -> told.path("remote_prefill_cached_tokens").asInt(handedOff))
                .orElse(0);
        Generation generation = new Generation(request, choices, tokens, toldCachedTokens(cached), Optional.empty());
        return () -> generation;
    }

    /** Each sample reads the handoff for itself, and only the first one can. */
    private long seedOfWhatIsRead(VllmRequest request, ObjectNode orders, Prompt prompt) {
        String name = dialect.nameToRead(request, orders);
        return switch (read(orders, name)) {
            case HandoffStore.Read.Gone gone -> {
                violation("the handoff " + name + " cannot be read: " + gone.end().why);
                yield ~prompt.seed();
            }
            case HandoffStore.Read.Found found -> {
                HandoffStore.Held held = found.handoff();
                transfers.add(
                        new KvRecord(request.id(), name, held.prompt().tokens(), held.blocks(), System.nanoTime()));
                compare(held, orders, prompt);
                yield held.prompt().seed();
            }
        };
    }

    private void compare(HandoffStore.Held held, ObjectNode orders, Prompt prompt) {
        if (held.prompt().seed() != prompt.seed()) {
            violation("the handoff " + held.name() + " is of another prompt");
        }
        held.told().properties().forEach(member -> {
            boolean same = member.getValue().toString().equals(String.valueOf(orders.get(member.getKey())));
            // A router may be told to put another host there.
            if (!same && !member.getKey().equals("remote_host")) {
                violation("the handoff's " + member.getKey() + " did not arrive as it was sent");
            }
        });
    }

    private static HandoffStore.Read read(ObjectNode orders, String name) {
        return SideChannel.find(orders.path("remote_engine_id").asText())
                .map(store -> store.read(name))
                .orElse(new HandoffStore.Read.Gone(HandoffStore.End.UNKNOWN));
    }

    @Override
    void refused(VllmRequest request) {
        dialect.ordersToRead(request)
                .map(orders -> read(orders, dialect.nameToRead(request, orders)))
                .filter(HandoffStore.Read.Found.class::isInstance)
                .ifPresent(found -> released.incrementAndGet());
    }

    @Override
    Map<String, Number> counters() {
        int handedOff = transfers.stream().mapToInt(KvRecord::tokens).sum();
        return Map.of(
                "vllm:request_success_total",
                requests() - aborted(),
                "vllm:nixl_xfer_time_seconds_count",
                transfers.size(),
                "vllm:external_prefix_cache_hits_total",
                handedOff);
    }
}
