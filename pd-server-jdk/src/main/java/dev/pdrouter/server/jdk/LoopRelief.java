package dev.pdrouter.server.jdk;

/**
 * Drives an {@link EventLoop} while the thread that should does not come round: when a step takes long or blocks, and after
 * that thread has ended.
 */
final class LoopRelief implements AutoCloseable {

    private static final long PERIOD_MILLIS = 50;
    private static final int LAST_QUIET_MILLIS = 500;

    private final EventLoop loop;
    private final Thread thread;
    private volatile boolean closing;

    LoopRelief(EventLoop loop) {
        this.loop = loop;
        this.thread = Thread.ofPlatform().name("pd-router-loop-relief").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!closing || loop.isDriven()) {
                long seen = loop.rounds();
                Thread.sleep(PERIOD_MILLIS);
                if (!loop.isSleeping() && loop.rounds() == seen) {
                    relieve(seen);
                }
            }
            finish();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does
        }
    }

    /** Until whoever drives the loop comes round; who is then told to look at what was left for him. */
    private void relieve(long seen) throws InterruptedException {
        while (loop.rounds() == seen && !(closing && !loop.isDriven())) {
            if (!loop.help()) {
                Thread.sleep(1);
            }
        }
        loop.ringLoudly();
    }

    /** Until nothing has happened for a moment. */
    private void finish() throws InterruptedException {
        for (int quiet = 0; quiet < LAST_QUIET_MILLIS; ) {
            if (loop.help()) {
                quiet = 0;
            } else {
                quiet++;
                Thread.sleep(1);
            }
        }
        loop.release();
    }

    /** Has the loop end; at once when nobody has ever driven it. */
    @Override
    public void close() {
        closing = true;
        if (thread.getState() == Thread.State.NEW) {
            loop.release();
        }
    }
}
