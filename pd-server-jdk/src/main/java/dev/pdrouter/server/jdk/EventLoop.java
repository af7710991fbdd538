package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpServer;
import dev.pdrouter.Arrivals;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs virtual threads, and waits for sockets, on one and the same thread: what comes wakes that thread, which goes on
 * with whoever waited for it, where otherwise one thread wakes another.
 *
 * <p>It has no thread itself: the thread of a server drives it while it waits, and {@link LoopRelief} whenever that does
 * not come round.
 */
final class EventLoop implements Executor, Arrivals, AutoCloseable {

    /** A system property: false for none. */
    static final String SWITCH = "pd.eventLoop";

    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    /** Before it a virtual thread that waits for a monitor keeps its loop from going on. */
    private static final int FEATURE = 25;

    /** So many steps of threads are run before it is looked what came meanwhile. */
    private static final int TURN = 64;

    /** Whoever waits for a descriptor. */
    interface Watcher {
        /** Something has come, by {@link LoopSet}'s bits. Called by any thread that drives the loop. */
        void ready(int events);

        /** Nothing will be told any more. */
        void ended();
    }

    private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
    private final Map<Integer, Watcher> byDescriptor = new ConcurrentHashMap<>();
    private final AtomicLong rounds = new AtomicLong();
    private final LoopRelief relief = new LoopRelief(this);
    private final LoopSet set;
    private volatile boolean sleeping;
    private volatile boolean rung;
    private volatile boolean driven;

    private EventLoop(LoopSet set) {
        this.set = set;
    }

    /** A loop, unless it is switched off, the JVM does not open what it takes, or is too old. */
    static Optional<EventLoop> open() {
        if (!isPossible()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new EventLoop(LoopSet.open()));
        } catch (IOException e) {
            LOG.warn("requests cost more, since there is no event loop: {}", e.toString());
            return Optional.empty();
        }
    }

    /** Whether {@link #open} gives one here. */
    static boolean isPossible() {
        if (!Boolean.parseBoolean(System.getProperty(SWITCH, "true"))
                || Runtime.version().feature() < FEATURE) {
            return false;
        }
        ServerProperties.set(); // before the server's classes are looked at
        try {
            MethodHandles.lookup().ensureInitialized(LoopInternals.class);
            MethodHandles.lookup().ensureInitialized(JdkInternals.class);
            return true;
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            LOG.debug("there is no event loop, since {}", e.toString());
            return false;
        }
    }

    /** Virtual threads that this loop runs. So are those that they start, if nothing else is said. */
    Thread.Builder.OfVirtual threads() {
        return LoopInternals.threadsOf(this);
    }

    /** Virtual threads that it does not run. */
    ThreadFactory otherThreads() {
        return LoopInternals.ordinaryThreads().name("pd-router-aside").factory();
    }

    /** Has the thread of a server that was not started yet drive this loop while it waits. */
    void drivenBy(HttpServer server) throws IOException {
        LoopInternals.replaceSelector(server, new LoopSelector(this));
        driven = true;
        relief.start();
    }

    /** Whoever drove it has ended. */
    void left() {
        driven = false;
    }

    boolean isDriven() {
        return driven;
    }

    /** Takes the next step of a virtual thread. */
    @Override
    public void execute(Runnable step) {
        queue.add(step);
        if (sleeping) {
            wake();
        }
    }

    /** Has whoever drives it come round. */
    void ring() {
        rung = true;
        if (sleeping) {
            wake();
        }
    }

    /** As {@link #ring}, after another thread has taken events, and with them perhaps the bell's. */
    void ringLoudly() {
        rung = true;
        wake();
    }

    private void wake() {
        sleeping = false;
        set.ring();
    }

    /** One round of whoever drives it: runs what is ready; when that was nothing, or asked for nothing, waits for more. */
    void drive(long millis, BooleanSupplier enough) {
        rounds.lazySet(rounds.getPlain() + 1);
        boolean more = runReady() == TURN;
        boolean wait = !rung && !enough.getAsBoolean() && !more;
        if (wait) {
            tell(awaited((int) millis));
        } else if (more) {
            tell(set.await(0));
        }
        rung = false;
    }

    /** Waits for events. What is told of them afterwards has no need to wake anybody. */
    private int awaited(int millis) {
        sleeping = true;
        try {
            return set.await(queue.isEmpty() && !rung ? millis : 0);
        } finally {
            sleeping = false;
        }
    }

    /**
     * As much of a round as can be done without waiting, beside whoever drives it.
     *
     * @return whether a thread could go on
     */
    boolean help() {
        tell(set.await(0));
        return runReady() > 0;
    }

    /** Counts the rounds of whoever drives it. */
    long rounds() {
        return rounds.get();
    }

    /** Whether whoever drives it waits for what comes, and has not been told that something has. */
    boolean isSleeping() {
        return sleeping;
    }

    /** Runs what is ready, a turn at most; returns how many steps that were. */
    private int runReady() {
        for (int i = 0; i < TURN; i++) {
            Runnable step = queue.poll();
            if (step == null) {
                return i;
            }
            try {
                step.run();
            } catch (Throwable e) {
                fault(e);
            }
        }
        return TURN;
    }

    private void tell(int count) {
        set.pass(count, (descriptor, events) -> {
            Watcher watcher = byDescriptor.get(descriptor);
            if (watcher != null) {
                try {
                    watcher.ready(events);
                } catch (Throwable e) {
                    fault(e);
                }
            }
        });
    }

    /** What it runs and tells catches what it throws; what comes through all the same is not to end everybody else. */
    private static void fault(Throwable e) {
        try {
            LOG.error("the event loop met a fault", e);
        } catch (Throwable logging) {
            // As when there is no memory: the next has to be served.
        }
    }

    /**
     * Watches a descriptor, in place of whoever did.
     *
     * @param how a mode of {@link LoopSet}
     * @throws IOException when the system does not
     */
    void register(int descriptor, Watcher watcher, int how) throws IOException {
        byDescriptor.put(descriptor, watcher);
        try {
            set.watch(descriptor, how);
        } catch (IOException e) {
            byDescriptor.remove(descriptor, watcher);
            throw e;
        }
    }

    /** Has a descriptor watched in another way from now on, if it is this watcher's. */
    void change(int descriptor, Watcher watcher, int how) throws IOException {
        if (byDescriptor.get(descriptor) == watcher) {
            set.watch(descriptor, how);
        }
    }

    /** Forgets who waits for a descriptor, unless somebody else does by now. */
    void unregister(int descriptor, Watcher watcher) {
        byDescriptor.remove(descriptor, watcher);
    }

    @Override
    public Optional<Arrival> watch(Socket socket) {
        try {
            SocketChannel channel = socket.getChannel();
            int descriptor = channel == null ? LoopInternals.descriptor(socket) : JdkInternals.descriptor(channel);
            EngineArrival arrival = new EngineArrival(this, descriptor);
            register(descriptor, arrival, LoopSet.EACH_TIME);
            return Optional.of(arrival);
        } catch (IOException | RuntimeException e) {
            LOG.debug("a connection is not watched", e);
            return Optional.empty();
        }
    }

    /** Ends it when nothing has happened for a moment after the server has ended. What is parked then stays so. */
    @Override
    public void close() {
        relief.close();
    }

    /** Watches nothing any more, and tells everybody. Whoever drove it does not any more. */
    void release() {
        set.close();
        byDescriptor.values().forEach(Watcher::ended);
    }
}
