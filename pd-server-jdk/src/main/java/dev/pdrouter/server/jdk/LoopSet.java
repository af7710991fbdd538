package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** The epoll set of an {@link EventLoop}, with a bell that ends a wait. */
final class LoopSet implements AutoCloseable {

    /** Event: there is something to read. */
    static final int IN = 0x1;

    /** Event: the peer has closed its side. */
    static final int PEER_CLOSED = 0x2000;

    /** Events: the connection is at an end. */
    static final int BROKEN = 0x10 | 0x8;

    private static final int EDGE_TRIGGERED = 1 << 31;
    private static final int ONE_SHOT = 1 << 30;

    /** Told once, also of what has come already. */
    static final int ONCE = IN | PEER_CLOSED | ONE_SHOT;

    /** Told whenever something comes, and of what has come already. */
    static final int EACH_TIME = IN | PEER_CLOSED | EDGE_TRIGGERED;

    /** Told of nothing but that the connection is broken. */
    static final int BARELY = EDGE_TRIGGERED;

    private static final int CTL_ADD = 1;
    private static final int CTL_MOD = 3;
    private static final int NOT_THERE = 2; // ENOENT
    private static final int ALREADY_THERE = 17; // EEXIST
    private static final int EVENTS = 256;

    /** Takes an event. */
    @FunctionalInterface
    interface Taker {
        void take(int descriptor, int events);
    }

    private final int set;
    private final Object bell;
    private final int bellDescriptor;
    private final ThreadLocal<Long> buffers = ThreadLocal.withInitial(LoopSet::newBuffer);

    /** Not a monitor: whoever wakes a virtual thread comes here, also when that thread waits for a monitor. */
    private final AtomicInteger users = new AtomicInteger();

    private final AtomicBoolean closed = new AtomicBoolean();

    private LoopSet(int set, Object bell, int bellDescriptor) {
        this.set = set;
        this.bell = bell;
        this.bellDescriptor = bellDescriptor;
    }

    static LoopSet open() throws IOException {
        try {
            int set = (int) JdkInternals.CREATE.invoke();
            Object bell = LoopInternals.NEW_EVENT_FD.invoke();
            LoopSet all = new LoopSet(set, bell, (int) LoopInternals.EVENT_FD.invoke(bell));
            all.watch(all.bellDescriptor, IN | EDGE_TRIGGERED); // each ring is an edge, so nobody needs to read it
            return all;
        } catch (Throwable e) {
            throw LoopInternals.asIoException(e);
        }
    }

    private static long newBuffer() {
        try {
            return (long) JdkInternals.ALLOCATE_EVENTS.invoke(EVENTS);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Watches a descriptor, or does so in another way. */
    void watch(int descriptor, int how) throws IOException {
        if (!enter()) {
            throw new IOException("the event loop has ended");
        }
        try {
            int error = (int) JdkInternals.CTL.invoke(set, CTL_MOD, descriptor, how);
            if (error == NOT_THERE) {
                error = (int) JdkInternals.CTL.invoke(set, CTL_ADD, descriptor, how);
            }
            if (error == ALREADY_THERE) {
                error = (int) JdkInternals.CTL.invoke(set, CTL_MOD, descriptor, how);
            }
            if (error != 0) {
                throw new IOException("epoll_ctl failed with " + error);
            }
        } catch (Throwable e) {
            throw LoopInternals.asIoException(e);
        } finally {
            exit();
        }
    }

    /** Whether the set is there, and will be until {@link #exit}; afterwards its number may be another file's. */
    private boolean enter() {
        users.incrementAndGet();
        if (!closed.get()) {
            return true;
        }
        exit();
        return false;
    }

    private void exit() {
        users.decrementAndGet();
    }

    /**
     * Waits so long for events. When several threads do, each event comes to one of them.
     *
     * @return how many came; not positive when none did
     */
    int await(int millis) {
        try {
            return (int) JdkInternals.WAIT.invoke(set, (long) buffers.get(), EVENTS, millis);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Passes on the events that this thread's last {@link #await} has told the number of. */
    void pass(int count, Taker taker) {
        try {
            long buffer = buffers.get();
            for (int i = 0; i < count; i++) {
                long event = (long) JdkInternals.EVENT_AT.invoke(buffer, i);
                taker.take((int) JdkInternals.DESCRIPTOR_OF.invoke(event), (int) LoopInternals.EVENTS_OF.invoke(event));
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends a wait, or the next one. */
    void ring() {
        if (!enter()) {
            return;
        }
        try {
            LoopInternals.SET_EVENT.invoke(bell);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        } finally {
            exit();
        }
    }

    /** Nobody may be in {@link #await}. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        while (users.get() > 0) {
            Thread.onSpinWait();
        }
        try {
            JdkInternals.CLOSE_DESCRIPTOR.invoke(set);
            JdkInternals.CLOSE_DESCRIPTOR.invoke(bellDescriptor);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
