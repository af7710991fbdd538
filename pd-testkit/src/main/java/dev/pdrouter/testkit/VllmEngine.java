package dev.pdrouter.testkit;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * An engine that speaks vLLM's JSON, as strictly as vLLM 0.32 does, without a model.
 *
 * <p>It writes words that depend on the prompt alone, so equal prompts have equal answers. It notes what vLLM would not
 * survive, or would answer wrongly, as a {@linkplain #violations violation}. All methods can be called by any thread.
 */
public abstract sealed class VllmEngine implements AutoCloseable permits VllmPrefiller, VllmDecoder {
    final NixlDialect dialect;
    final OptionalInt cachedTokens;
    private final boolean promptTokensDetails;
    private final VllmBuilder<?> settings;
    private final Engine engine;
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final Queue<EngineHandler> scripted = new ConcurrentLinkedQueue<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger aborted = new AtomicInteger();
    private final CountDownLatch ready = new CountDownLatch(1);
    private volatile boolean dead;

    VllmEngine(VllmBuilder<?> settings) throws IOException {
        this.settings = settings;
        dialect = settings.dialect;
        cachedTokens = settings.cachedTokens;
        promptTokensDetails = settings.promptTokensDetails;
        EngineBuilder builder = Engine.builder(this::handle).port(settings.port);
        engine = (settings.tls == null ? builder : builder.tls(settings.tls)).start();
    }

    /** Takes a request in; what is returned is asked for when its prefill is done. */
    abstract Supplier<Generation> admit(VllmRequest request);

    /** Is told of a request that the serving layer refuses. */
    abstract void refused(VllmRequest request);

    /** What the engine counts, for its metrics page. */
    abstract Map<String, Number> counters();

    /**
     * The server below, with every call it got.
     *
     * @return the engine
     */
    public Engine engine() {
        return engine;
    }

    /**
     * The address, as a routing header has it.
     *
     * @return {@code 127.0.0.1:port}
     */
    public String address() {
        return engine.address();
    }

    /**
     * The port.
     *
     * @return the same for the engine's whole life
     */
    public int port() {
        return engine.port();
    }

    /**
     * How many requests for tokens were taken in.
     *
     * @return a count, without those that were refused or answered by {@link #answerNext}
     */
    public int requests() {
        return requests.get();
    }

    /**
     * How many of them were given up because the peer had left.
     *
     * @return a count
     */
    public int aborted() {
        return aborted.get();
    }

    /**
     * Waits until so many requests were given up.
     *
     * @param count at least
     * @param timeout at most
     * @throws InterruptedException when the thread was interrupted
     * @throws AssertionError when there are fewer
     */
    public void awaitAborted(int count, Duration timeout) throws InterruptedException {
        engine.signal().expect(() -> aborted.get() >= count, timeout, count + " aborted requests");
    }

    /**
     * What no router should have done: an engine killed, a handoff used twice, a routing header forwarded and the like.
     *
     * @return one sentence each; empty when all was well
     */
    public List<String> violations() {
        List<String> all = new ArrayList<>(violations);
        engine.malformed().forEach(what -> all.add("not HTTP/1.1: " + what));
        engine.failures().forEach(failure -> all.add("the test kit failed: " + failure));
        return List.copyOf(all);
    }

    /**
     * Whether a request has ended the engine's process, as an order to read KV without its coordinates does. It refuses
     * connections since.
     *
     * @return true once that happened
     */
    public boolean isDead() {
        return dead;
    }

    /**
     * Has the next request for tokens answered by a test. Can be called several times: they take turns.
     *
     * @param handler for one call
     */
    public void answerNext(EngineHandler handler) {
        scripted.add(handler);
    }

    /** Ends the engine: connections are dropped, handlers interrupted. */
    @Override
    public void close() {
        engine.close();
    }

    void violation(String what) {
        violations.add(what);
    }

    OptionalInt toldCachedTokens(int cached) {
        return promptTokensDetails ? OptionalInt.of(cached) : OptionalInt.empty();
    }

    /** Lets requests in, which may come on a known port before the engine is made. */
    void open() {
        ready.countDown();
    }

    private void handle(EngineCall call) throws IOException, InterruptedException {
        ready.await();
        String path = URLDecoder.decode(call.head().path().replace("+", "%2B"), StandardCharsets.UTF_8);
        Optional<GenerationPath> generation = GenerationPath.of(path);
        if (generation.isEmpty()) {
            OtherPaths.answer(call, path, settings.models, counters());
        } else if (!call.head().method().equals("POST")) {
            call.answer(405, "application/json", "{\"detail\":\"Method Not Allowed\"}");
        } else {
            EngineHandler script = scripted.poll();
            EngineHandler handler = script == null ? asked -> generate(asked, generation.get()) : script;
            handler.handle(call);
        }
    }

    private void generate(EngineCall call, GenerationPath path) throws IOException, InterruptedException {
        violations.addAll(Traffic.faults(call));
        try {
            VllmRequest request = RequestReader.read(call, path);
            if (path == GenerationPath.GENERATE && !settings.scaleOut) {
                throw Refusal.disabled("/inference/v1/generate needs --enable-scale-out.");
            }
            if (dialect.endsEngine(request)) {
                die();
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
        requests.incrementAndGet();
        try {
            new AnswerWriter(call, request, settings.pace).write(admit(request));
        } catch (IOException e) {
            engine.signal().update(aborted::incrementAndGet);
            throw e;
        }
    }

    private void die() throws IOException {
        dead = true;
        violation("an order to read KV without its coordinates ended the engine");
        engine.refuse();
        engine.dropConnections();
    }
}
