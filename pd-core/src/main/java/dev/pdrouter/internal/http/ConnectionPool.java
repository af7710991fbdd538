package dev.pdrouter.internal.http;

import dev.pdrouter.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections to all engines. The one used last is used next, so that the others age and go.
 *
 * <p>Thread-safe. While something is idle, one virtual thread closes what is too old.
 */
final class ConnectionPool {

    /** uvicorn closes after 5 s. */
    private static final long MAX_IDLE_NANOS = Duration.ofSeconds(4).toNanos();

    private static final Duration SWEEP_PERIOD = Duration.ofSeconds(1);

    private final Dialer dialer;
    private final int maxIdlePerEngine;
    private final LongSupplier clock;
    private final AtomicInteger open = new AtomicInteger();

    /** Guarded by itself, as the next two are; in each queue the oldest is first. */
    private final Map<Target, ArrayDeque<Connection>> idle = new HashMap<>();

    private @Nullable Thread sweeper;
    private boolean closed;

    ConnectionPool(Dialer dialer, int maxIdlePerEngine, LongSupplier clock) {
        this.dialer = dialer;
        this.maxIdlePerEngine = maxIdlePerEngine;
        this.clock = clock;
    }

    Connection dial(Target engine) throws IOException {
        open.incrementAndGet();
        boolean connected = false;
        try {
            Connection connection = dialer.dial(engine, open::decrementAndGet);
            connected = true;
            return connection;
        } finally {
            if (!connected) {
                open.decrementAndGet();
            }
        }
    }

    /** @return an idle connection, or null */
    @Nullable
    Connection take(Target engine) {
        synchronized (idle) {
            ArrayDeque<Connection> queue = idle.get(engine);
            Connection newest = queue == null ? null : queue.peekLast();
            if (queue == null || newest == null || nanosIdle(newest) > MAX_IDLE_NANOS) {
                return null;
            }
            return queue.pollLast();
        }
    }

    long nanosIdle(Connection connection) {
        return clock.getAsLong() - connection.idleSince();
    }

    void release(Connection connection) {
        connection.rest(clock.getAsLong());
        if (!keep(connection)) {
            connection.closeIdle();
        }
    }

    private boolean keep(Connection connection) {
        synchronized (idle) {
            ArrayDeque<Connection> queue = idle.computeIfAbsent(connection.engine(), engine -> new ArrayDeque<>());
            if (closed || queue.size() >= maxIdlePerEngine) {
                return false;
            }
            queue.addLast(connection);
            if (sweeper == null) {
                sweeper = Thread.ofVirtual().name("pd-idle-connections").start(this::sweep);
            }
            return true;
        }
    }

    private void sweep() {
        try {
            do {
                Thread.sleep(SWEEP_PERIOD);
            } while (closeOld());
        } catch (InterruptedException e) {
            // The pool was closed.
        }
    }

    private boolean closeOld() {
        List<Connection> old = new ArrayList<>();
        boolean more;
        synchronized (idle) {
            for (Iterator<ArrayDeque<Connection>> queues = idle.values().iterator(); queues.hasNext(); ) {
                ArrayDeque<Connection> queue = queues.next();
                for (Connection oldest = queue.peekFirst();
                        oldest != null && nanosIdle(oldest) > MAX_IDLE_NANOS;
                        oldest = queue.peekFirst()) {
                    old.add(queue.removeFirst());
                }
                if (queue.isEmpty()) {
                    queues.remove();
                }
            }
            more = !idle.isEmpty();
            if (!more) {
                sweeper = null;
            }
        }
        old.forEach(Connection::closeIdle);
        return more;
    }

    /** @return connections that exist, idle or not */
    int open() {
        return open.get();
    }

    void close() {
        List<Connection> all = new ArrayList<>();
        synchronized (idle) {
            closed = true;
            idle.values().forEach(all::addAll);
            idle.clear();
            if (sweeper != null) {
                sweeper.interrupt();
            }
        }
        all.forEach(Connection::closeIdle);
    }
}
