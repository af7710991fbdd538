package dev.pdrouter;

import dev.pdrouter.connector.EcConnector;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.event.PdListener;
import dev.pdrouter.internal.Alarms;
import dev.pdrouter.internal.BodyMemory;
import dev.pdrouter.internal.Breakers;
import dev.pdrouter.internal.Exchange;
import dev.pdrouter.internal.FailoverSettings;
import dev.pdrouter.internal.InFlight;
import dev.pdrouter.internal.Lookups;
import dev.pdrouter.internal.OnVirtualThread;
import dev.pdrouter.internal.PrefillPace;
import dev.pdrouter.internal.Releases;
import dev.pdrouter.internal.Settings;
import dev.pdrouter.internal.Shared;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Routes LLM requests through a prefiller and a decoder: it asks the prefiller that a request names to compute the
 * prompt's KV cache, hands the decoder what it needs to fetch it, and passes the decoder's answer on.
 *
 * <pre>{@code
 * PdRouter router = PdRouter.builder()
 *         .decoder(Target.parse("localhost:8001"))
 *         .kvConnector(KvConnector.named("nixlv2"))
 *         .targets(TargetPolicy.any())
 *         .build();
 * router.handle(request, responder);
 * }</pre>
 *
 * <p>A router is used by many threads at once, one for each request. It owns one daemon thread, and the transports
 * that it makes when it is not given them, with their connections and threads.
 */
public final class PdRouter implements AutoCloseable {

    /** A handoff may be stranded by what is cut when the time to drain is over. */
    private static final Duration LAST_RELEASES = Duration.ofSeconds(2);

    private final Settings settings;
    private final List<Supplier<PdListener>> listeners;
    private final List<Runnable> closings;
    private final InFlight inFlight = new InFlight();
    private final Shared shared;

    private PdRouter(
            Settings settings, List<Supplier<PdListener>> listeners, Transport lookups, List<Runnable> closings) {
        this.settings = settings;
        this.shared = new Shared(
                inFlight,
                new Alarms(),
                new Lookups(lookups),
                new Breakers(),
                new Releases(),
                new BodyMemory(settings.maxBufferedBytes()),
                new PrefillPace());
        this.listeners = listeners;
        this.closings = closings;
    }

    /**
     * Begins to describe a router.
     *
     * @return a builder, in which decoder, connector and targets must be set
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Handles one request on the calling thread, and returns when the client has the whole answer.
     *
     * <p>When the client leaves, run what {@link Responder#onLeave} was given, or interrupt the thread: both engines'
     * connections are then dropped, at once or after a moment in which an engine would strand memory. Every error that can
     * still be answered is answered, in the shape of the endpoint's own errors.
     *
     * @param request what the client sent
     * @param responder where the answer goes
     * @throws IOException when the answer could not be finished, since the client left or an engine broke off in the
     *     middle of its answer, or {@link #drain} cut it: drop the client's connection, so that a cut answer never
     *     looks whole
     * @throws InterruptedException when the thread was interrupted: the client is gone
     */
    public void handle(PdRequest request, Responder responder) throws IOException, InterruptedException {
        OnVirtualThread.run(() -> new Exchange(settings, ofOneRequest(), shared, request, responder).run());
    }

    private List<PdListener> ofOneRequest() {
        return listeners.isEmpty()
                ? List.of()
                : listeners.stream().map(Supplier::get).toList();
    }

    /**
     * How many requests are being handled.
     *
     * @return their number
     */
    public int inFlight() {
        return inFlight.count();
    }

    /**
     * Whether newcomers are refused.
     *
     * @return true from the first call of {@link #drain} on
     */
    public boolean isDraining() {
        return inFlight.isDraining();
    }

    /**
     * Begins to answer newcomers with 503 and {@code Retry-After}, waits until the requests in flight have ended and the
     * handoffs that they left are released, and cuts requests that have not when the time is up.
     *
     * <p>To cut a request is to drop its engines' connections at once. A client that has been answered nothing yet gets a
     * 503; for one whose answer has begun {@link #handle} throws, so that the server drops its connection and the answer
     * does not look whole. This waits a few seconds more for that to have happened, and for handoffs that it left.
     *
     * <p>A server should close a client's connection after every answer that begins while {@link #isDraining}; HTTP/1.1
     * says so with {@code Connection: close}.
     *
     * @param timeout how long to wait before requests are cut
     * @return whether all have ended by themselves, and no release is under way
     * @throws InterruptedException when the thread was interrupted
     */
    public boolean drain(Duration timeout) throws InterruptedException {
        long started = System.nanoTime();
        boolean ended = inFlight.drain(timeout);
        Duration left = timeout.minusNanos(System.nanoTime() - started);
        return shared.releases().await(left.compareTo(LAST_RELEASES) > 0 ? left : LAST_RELEASES) && ended;
    }

    /**
     * Stops the router's thread, gives up the releases of handoffs that are under way, and closes the idle connections of
     * its own transports; requests in flight go on.
     */
    @Override
    public void close() {
        shared.releases().close();
        shared.alarms().close();
        closings.forEach(Runnable::run);
    }

    /** Describes a router. Used by one thread; each method answers the builder itself. */
    public static final class Builder {
        private List<Rank> ranks = List.of();
        private @Nullable KvConnector connector;
        private @Nullable EcConnector encoders;
        private @Nullable TargetPolicy policy;
        private List<Target> prefillers = List.of();
        private final Map<Stage, Transport> transports = new EnumMap<>(Stage.class);
        private @Nullable Transport lookups;
        private final List<Supplier<PdListener>> listeners = new ArrayList<>();
        private long maxRequestBytes = 256L << 20;
        private long maxPrefillResponseBytes = 64L << 20;
        private boolean requireHandoff;
        private boolean prefillerSampling;
        private int prefillMaxRetries;
        private Duration prefillRetryBackoff = Duration.ofMillis(200);
        private OnPrefillFailure onPrefillFailure = OnPrefillFailure.ERROR;
        private long maxBufferedBytes = Runtime.getRuntime().maxMemory() / 2;
        private int maxInFlight;
        private Duration requestBodyTimeout = Duration.ofSeconds(60);
        private Duration prefillTimeout = Duration.ofMinutes(10);
        private Duration handoffLease = Duration.ofSeconds(30);
        private Duration decodeTimeout = Duration.ZERO;
        private Duration streamIdleTimeout = Duration.ofMinutes(10);

        private Builder() {}

        /**
         * Where the decoder is. Required.
         *
         * @param target its address
         * @return this
         */
        public Builder decoder(Target target) {
            return ranks(List.of(Rank.of(target)));
        }

        /**
         * The decoder's data-parallel ranks, in place of {@link #decoder}. A request goes to that of its
         * {@link PdRequest#rank}, unless a header names another.
         *
         * @param all from rank 0 on
         * @return this
         */
        public Builder ranks(List<Rank> all) {
            ranks = List.copyOf(all);
            return this;
        }

        /**
         * The protocol that the engines transfer KV cache by. Required.
         *
         * @param kvConnector for instance {@code KvConnector.named("nixlv2")}
         * @return this
         */
        public Builder kvConnector(KvConnector kvConnector) {
            connector = kvConnector;
            return this;
        }

        /**
         * The protocol that encoders hand on by what they computed of a chat request's media. Without one, the encoders
         * that a request names are not asked, and whoever computes the prompt encodes too.
         *
         * @param ecConnector for instance {@code EcConnector.named("ec-nixl")}
         * @return this
         */
        public Builder ecConnector(EcConnector ecConnector) {
            encoders = ecConnector;
            return this;
        }

        /**
         * Which of the engines that a routing header names may be called. Required, since whoever can set that header
         * chooses an address that the router connects to.
         *
         * @param targets the policy
         * @return this
         */
        public Builder targets(TargetPolicy targets) {
            policy = targets;
            return this;
        }

        /**
         * The candidates of requests without a routing header; none when not set.
         *
         * @param targets in the order to try them
         * @return this
         */
        public Builder prefillers(List<Target> targets) {
            prefillers = List.copyOf(targets);
            return this;
        }

        /**
         * How engines are reached, of whatever stage; a {@link HttpClientTransport} of the router's own when not set.
         *
         * <p>A {@link SocketTransport} does more and costs less.
         *
         * @param transport stays the caller's to close
         * @return this
         */
        public Builder transport(Transport transport) {
            for (Stage stage : Stage.values()) {
                transports.put(stage, transport);
            }
            return this;
        }

        /**
         * How the engines of a stage are reached.
         *
         * @param stage the stage
         * @param transport stays the caller's to close
         * @return this
         */
        public Builder transport(Stage stage, Transport transport) {
            transports.put(stage, transport);
            return this;
        }

        /**
         * How prefillers' hosts are asked for what a connector has to know, such as Mooncake's engine ids. What answers
         * there speaks plain HTTP also where engines speak TLS, so the transport of {@link Stage#PREFILL} is not used;
         * a plain {@link SocketTransport} of the router's own is, when not set.
         *
         * @param transport stays the caller's to close
         * @return this
         */
        public Builder lookups(Transport transport) {
            lookups = transport;
            return this;
        }

        /**
         * Somebody to tell of each request; may be called several times.
         *
         * @param listener is told on the threads of the requests
         * @return this
         */
        public Builder listener(PdListener listener) {
            return listenerOfEach(() -> listener);
        }

        /**
         * Somebody to tell of each request, made anew for each: who remembers what happened to a request needs no table of
         * those in flight, whose ids clients choose. May be called several times.
         *
         * @param listeners makes one, on the thread of the request; must not throw
         * @return this
         */
        public Builder listenerOfEach(Supplier<PdListener> listeners) {
            this.listeners.add(listeners);
            return this;
        }

        /**
         * The largest body of a generation request; larger is a 413.
         *
         * @param bytes 256 MiB when not set; at most 2 GiB less 16 bytes, the length of an array
         * @return this
         */
        public Builder maxRequestBytes(long bytes) {
            maxRequestBytes = Math.min(atLeast(1, bytes, "maxRequestBytes"), Integer.MAX_VALUE - 16);
            return this;
        }

        /**
         * The largest answer of a prefiller or an encoder; larger is a 502.
         *
         * @param bytes 64 MiB when not set
         * @return this
         */
        public Builder maxPrefillResponseBytes(long bytes) {
            maxPrefillResponseBytes = Math.min(atLeast(1, bytes, "maxPrefillResponseBytes"), Integer.MAX_VALUE - 16);
            return this;
        }

        /**
         * Whether a prefiller that succeeds without a handoff has failed: a 502, and the decoder is not asked. Otherwise
         * the decoder computes the prompt itself.
         *
         * @param required false when not set
         * @return this
         */
        public Builder requireHandoff(boolean required) {
            requireHandoff = required;
            return this;
        }

        /**
         * Whether a request begins at a random one of its candidates instead of the first. The others follow in order.
         *
         * @param random false when not set
         * @return this
         */
        public Builder prefillerSampling(boolean random) {
            prefillerSampling = random;
            return this;
        }

        /**
         * How often a prefiller is tried again when every candidate has failed: from the first again, in order, all
         * within {@link #prefillTimeout}.
         *
         * @param tries 0 when not set
         * @return this
         */
        public Builder prefillMaxRetries(int tries) {
            prefillMaxRetries = (int) atLeast(0, tries, "prefillMaxRetries");
            return this;
        }

        /**
         * The longest pause before the first of those further tries, doubled at each that follows. How long it is within
         * that is random.
         *
         * @param pause 200 ms when not set
         * @return this
         */
        public Builder prefillRetryBackoff(Duration pause) {
            prefillRetryBackoff = notNegative(pause);
            return this;
        }

        /**
         * What becomes of a request whose prefill has failed for good.
         *
         * @param what {@link OnPrefillFailure#ERROR} when not set
         * @return this
         */
        public Builder onPrefillFailure(OnPrefillFailure what) {
            onPrefillFailure = what;
            return this;
        }

        /**
         * How many bytes of bodies are held at once, all requests together: generation requests and the answers of
         * their prefillers, counted as they arrive, large ones whole once a quarter has arrived. A request whose announced length does not fit at the moment is
         * answered 503 with {@code Retry-After} before it is read, as is one that outgrows what is left, or whose
         * prefiller's answer does; one larger than the whole is a 413.
         *
         * @param bytes half of the largest heap when not set
         * @return this
         */
        public Builder maxBufferedBytes(long bytes) {
            maxBufferedBytes = atLeast(1, bytes, "maxBufferedBytes");
            return this;
        }

        /**
         * How many disaggregated requests may be in flight at once; more are answered 429.
         *
         * @param requests 0, as when not set, for any number
         * @return this
         */
        public Builder maxInFlight(int requests) {
            maxInFlight = (int) atLeast(0, requests, "maxInFlight");
            return this;
        }

        /**
         * How long a client may send nothing of its body; longer is a 408.
         *
         * @param timeout 60 s when not set, zero for any time
         * @return this
         */
        public Builder requestBodyTimeout(Duration timeout) {
            requestBodyTimeout = notNegative(timeout);
            return this;
        }

        /**
         * How long a request's prefill may take, from sending it to the whole answer, all tries together. Where encoders are
         * asked before, they take their time from it.
         *
         * @param timeout 10 min when not set, zero for any time
         * @return this
         */
        public Builder prefillTimeout(Duration timeout) {
            prefillTimeout = notNegative(timeout);
            return this;
        }

        /**
         * How long a prefiller keeps the blocks of a handoff that nobody reads. When a decoder did not get one, it is
         * sent it for as long, to have them freed; one that cannot be reached is tried for five sixths of it.
         *
         * @param lease 30 s when not set, as in vLLM 0.32
         * @return this
         */
        public Builder handoffLease(Duration lease) {
            if (lease.isZero()) {
                throw new IllegalArgumentException("a lease must not be zero");
            }
            handoffLease = notNegative(lease);
            return this;
        }

        /**
         * How long the decoder may take from the sending of a generation request to the first byte of its answer's
         * body, which without streaming comes with the last token.
         *
         * @param timeout zero, as when not set, for any time
         * @return this
         */
        public Builder decodeTimeout(Duration timeout) {
            decodeTimeout = notNegative(timeout);
            return this;
        }

        /**
         * How long the decoder may pause between two pieces of its answer.
         *
         * @param timeout 10 min when not set, zero for any time
         * @return this
         */
        public Builder streamIdleTimeout(Duration timeout) {
            streamIdleTimeout = notNegative(timeout);
            return this;
        }

        /**
         * Makes the router.
         *
         * @return the router, to be closed
         * @throws NullPointerException when something required was not set; the message names it
         */
        public PdRouter build() {
            if (ranks.isEmpty()) {
                throw new NullPointerException("decoder is not set");
            }
            KvConnector protocol = Objects.requireNonNull(connector, "kvConnector is not set");
            TargetPolicy targets = Objects.requireNonNull(policy, "targets is not set");
            List<Runnable> closings = new ArrayList<>();
            Map<Stage, Transport> complete = completed(closings);
            Transport asking = lookups == null ? ownLookups(closings) : lookups;
            Settings settings = new Settings(
                    ranks,
                    protocol,
                    Optional.ofNullable(encoders),
                    targets,
                    prefillers,
                    complete,
                    maxRequestBytes,
                    maxPrefillResponseBytes,
                    requireHandoff,
                    new FailoverSettings(prefillerSampling, prefillMaxRetries, prefillRetryBackoff, onPrefillFailure),
                    maxBufferedBytes,
                    maxInFlight,
                    requestBodyTimeout,
                    prefillTimeout,
                    handoffLease,
                    decodeTimeout,
                    streamIdleTimeout);
            return new PdRouter(settings, List.copyOf(listeners), asking, List.copyOf(closings));
        }

        private Map<Stage, Transport> completed(List<Runnable> closings) {
            Map<Stage, Transport> complete = new EnumMap<>(transports);
            if (complete.size() < Stage.values().length) {
                HttpClientTransport own = HttpClientTransport.builder().build();
                closings.add(own::close);
                for (Stage stage : Stage.values()) {
                    complete.putIfAbsent(stage, own);
                }
            }
            return complete;
        }

        /** Over sockets, which cost nothing until one is wanted. */
        private static Transport ownLookups(List<Runnable> closings) {
            SocketTransport own = SocketTransport.builder().build();
            closings.add(own::close);
            return own;
        }

        private static long atLeast(long min, long value, String name) {
            if (value < min) {
                throw new IllegalArgumentException(name + " must be at least " + min);
            }
            return value;
        }

        private static Duration notNegative(Duration timeout) {
            if (timeout.isNegative()) {
                throw new IllegalArgumentException("a timeout must not be negative");
            }
            return timeout;
        }
    }
}
