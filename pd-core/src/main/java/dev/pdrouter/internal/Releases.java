package dev.pdrouter.internal;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The releases under way: each on a thread of its own, apart from the request that it comes from. */
public final class Releases implements AutoCloseable {

    /** As many as requests that can be left at once, so that all of a crowd are released; each costs a thread. */
    private static final int MAX = 1024;

    /** Each keeps a prompt, for as long as an unreachable decoder is tried. */
    private static final long MAX_BYTES = Runtime.getRuntime().maxMemory() / 8;

    private final Set<Thread> threads = new HashSet<>();
    private long bytes;
    private boolean closed;

    /** None is under way yet. */
    public Releases() {}

    /** Begins one, which tells of its end exactly once; also when there are too many. */
    void start(Release release) {
        Thread thread = Thread.ofVirtual().name("pd-release").unstarted(() -> run(release));
        Optional<String> refusal = enter(thread, release.size());
        refusal.ifPresentOrElse(release::giveUp, thread::start);
    }

    private void run(Release release) {
        try {
            release.run();
        } finally {
            leave(Thread.currentThread(), release.size());
        }
    }

    private synchronized Optional<String> enter(Thread thread, long size) {
        if (closed) {
            return Optional.of("the router was closed");
        }
        if (threads.size() >= MAX || !threads.isEmpty() && bytes + size > MAX_BYTES) {
            return Optional.of("too many are under way");
        }
        threads.add(thread);
        bytes += size;
        return Optional.empty();
    }

    private synchronized void leave(Thread thread, long size) {
        threads.remove(thread);
        bytes -= size;
        if (threads.isEmpty()) {
            notifyAll();
        }
    }

    /**
     * Waits until none is under way.
     *
     * @param timeout how long
     * @return whether all have ended
     * @throws InterruptedException when the thread was interrupted
     */
    public synchronized boolean await(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + Patience.nanos(timeout);
        while (!threads.isEmpty()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000 + 1);
        }
        return true;
    }

    /** Ends those under way, which tell so, and begins no more. */
    @Override
    public synchronized void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
    }
}
