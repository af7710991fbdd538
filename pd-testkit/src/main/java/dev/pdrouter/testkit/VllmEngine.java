package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/** A {@link ModelEngine} that speaks vLLM's JSON, as strictly as vLLM 0.32 does. */
public abstract sealed class VllmEngine extends ModelEngine permits VllmPrefiller, VllmDecoder, VllmEncoder {
    private final VllmBuilder<?> settings;
    private final KvRole role;
    private final AtomicInteger encodedElsewhere = new AtomicInteger();
    private final AtomicInteger encodedHere = new AtomicInteger();

    VllmEngine(VllmBuilder<?> settings, KvRole role) throws IOException {
        super(new EngineSettings(settings.port, settings.idleTimeout, settings.tls));
        this.settings = settings;
        this.role = role;
        SideChannel.enter(address());
    }

    /** Takes a request in; what is returned is awaited when its prefill is done. */
    abstract AnswerWriter.Prefilled admit(VllmRequest request);

    /** Is told of a request that the serving layer refuses. */
    abstract void refused(VllmRequest request);

    /** What the engine counts, for its metrics page. */
    abstract Map<String, Number> counters();

    /**
     * How many media an encoder had encoded for this engine.
     *
     * @return a count
     */
    public int encodedElsewhere() {
        return encodedElsewhere.get();
    }

    /**
     * How many media this engine had to encode itself.
     *
     * @return a count
     */
    public int encodedHere() {
        return encodedHere.get();
    }

    /** Looks for the encodings of the request's media: in the store, or where {@code ec_transfer_params} tell. */
    void lookAtMedia(VllmRequest request) {
        JsonNode told = request.body().path("ec_transfer_params");
        Map<String, Long> hashes = Media.hashes(request.body());
        told.fieldNames().forEachRemaining(hash -> {
            String peer = "127.0.0.1:" + told.path(hash).path("peer_port").asInt();
            if (!hashes.containsKey(hash) || !SideChannel.knows(peer)) {
                violation("the encoding " + hash + " is of no medium of the request, or at no encoder");
            }
        });
        hashes.forEach((hash, seed) -> {
            boolean there = settings.media.map(store -> store.has(seed)).orElse(told.has(hash));
            (there ? encodedElsewhere : encodedHere).incrementAndGet();
        });
    }

    KvProtocol kv() {
        return settings.kv;
    }

    OptionalInt toldCachedTokens(int cached) {
        return settings.promptTokensDetails ? OptionalInt.of(cached) : OptionalInt.empty();
    }

    /** Looks a third engine up that is said to have blocks of the prompt. */
    void lookAtSource(VllmRequest request) {
        kv().source(request.ask()).ifPresent(source -> {
            if (SideChannel.knows(source.home())) {
                transferred(new KvRecord(request.id(), source.name(), 0, 0, System.nanoTime()));
            } else {
                violation("there is no KV source at " + source.home());
            }
        });
    }

    /** Ends the engine: connections are dropped, handlers interrupted. */
    @Override
    public void close() {
        SideChannel.leave(address());
        super.close();
    }

    @Override
    void answerOther(EngineCall call, String path) throws IOException, InterruptedException {
        OtherPaths.answer(call, path, settings.models, counters());
    }

    @Override
    void generate(EngineCall call, GenerationPath path) throws IOException, InterruptedException {
        if (path == GenerationPath.SGLANG) {
            answerOther(call, call.head().path());
            return;
        }
        Traffic.faults(call).forEach(this::violation);
        try {
            VllmRequest request = RequestReader.read(call, path);
            if (path == GenerationPath.GENERATE && !settings.scaleOut) {
                throw Refusal.disabled("/inference/v1/generate needs --enable-scale-out.");
            }
            kv().faults(role, request.ask()).forEach(this::violation);
            String end = kv().fatal(role, request.ask()).orElse(null);
            if (end != null) {
                die(end);
                return;
            }
            serve(call, request);
        } catch (Refusal refusal) {
            refusal.answer(call, path);
        }
    }

    private void serve(EngineCall call, VllmRequest request) throws Refusal, IOException, InterruptedException {
        try {
            RequestReader.checkServing(request, settings.models);
        } catch (Refusal refusal) {
            refused(request);
            throw refusal;
        }
        lookAtMedia(request);
        answer(new AnswerWriter(call, request, settings.pace), admit(request));
    }
}
