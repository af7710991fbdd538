package dev.pdrouter.testkit;

import java.io.IOException;
import java.util.Map;
import java.util.OptionalInt;

/** A {@link ModelEngine} that speaks vLLM's JSON, as strictly as vLLM 0.32 does. */
public abstract sealed class VllmEngine extends ModelEngine permits VllmPrefiller, VllmDecoder {
    private final VllmBuilder<?> settings;
    private final KvRole role;

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
        answer(new AnswerWriter(call, request, settings.pace), admit(request));
    }
}
