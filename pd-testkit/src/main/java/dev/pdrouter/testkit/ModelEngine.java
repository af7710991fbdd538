package dev.pdrouter.testkit;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An engine that answers generation requests without a model, as strictly as the real one.
 *
 * <p>It writes words that depend on the prompt alone, so equal prompts have equal answers. It notes what the real engine
 * would not survive, or would answer wrongly, as a {@linkplain #violations violation}. All methods can be called by any
 * thread.
 */
public abstract class ModelEngine implements AutoCloseable {
    private final Engine engine;
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final List<KvRecord> transfers = new CopyOnWriteArrayList<>();
    private final Queue<EngineHandler> scripted = new ConcurrentLinkedQueue<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger aborted = new AtomicInteger();
    private final CountDownLatch ready = new CountDownLatch(1);
    private volatile boolean dead;

    ModelEngine(EngineSettings settings) throws IOException {
        EngineBuilder builder =
                Engine.builder(this::handle).port(settings.port()).idleTimeout(settings.idleTimeout());
        engine = (settings.tls() == null ? builder : builder.tls(settings.tls())).start();
    }

    /** Answers a request for tokens. */
    abstract void generate(EngineCall call, GenerationPath path) throws IOException, InterruptedException;

    /** Answers every other request. */
    abstract void answerOther(EngineCall call, String path) throws IOException, InterruptedException;

    /**
     * How many KV caches it holds for, or awaits from, the other engine.
     *
     * @return 0 when nothing of any request is left
     */
    public abstract int pending();

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
     * How many of them were given up, because the peer had left or said so.
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
     * The KV caches that were read from other engines, in order.
     *
     * @return a snapshot
     */
    public List<KvRecord> transfers() {
        return List.copyOf(transfers);
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
     * Whether a request has ended the engine's process. It refuses connections since.
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

    void transferred(KvRecord what) {
        transfers.add(what);
    }

    /** Lets requests in, which may come on a known port before the engine is made. */
    void open() {
        ready.countDown();
    }

    /** Does what a failed assertion in the engine's core does. */
    void die(String why) throws IOException {
        dead = true;
        violation(why + " ended the engine");
        engine.refuse();
        engine.dropConnections();
    }

    /** Writes an answer; whoever leaves before its end has an aborted request. */
    void answer(AnswerWriter writer, AnswerWriter.Prefilled generation) throws IOException, InterruptedException {
        requests.incrementAndGet();
        try {
            writer.write(generation);
        } catch (IOException e) {
            engine.signal().update(aborted::incrementAndGet);
            throw e;
        }
    }

    private void handle(EngineCall call) throws IOException, InterruptedException {
        ready.await();
        String path = URLDecoder.decode(call.head().path().replace("+", "%2B"), StandardCharsets.UTF_8);
        Optional<GenerationPath> generation = GenerationPath.of(path);
        if (generation.isEmpty()) {
            answerOther(call, path);
        } else if (!call.head().method().equals("POST")) {
            call.answer(405, "application/json", "{\"detail\":\"Method Not Allowed\"}");
        } else {
            EngineHandler script = scripted.poll();
            EngineHandler handler = script == null ? asked -> generate(asked, generation.get()) : script;
            handler.handle(call);
        }
    }
}
