package dev.pdrouter.server.jdk;

import java.time.Duration;

/** An interrupt of the thread that made it, unless it is closed in time. */
final class Interruption implements AutoCloseable {

    private final Thread timer;

    private Interruption(Thread timer) {
        this.timer = timer;
    }

    /** Interrupts the calling thread after so long. */
    static Interruption in(Duration time) {
        Thread thread = Thread.currentThread();
        return new Interruption(Thread.startVirtualThread(() -> {
            try {
                Thread.sleep(time);
                thread.interrupt();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // closed
            }
        }));
    }

    @Override
    public void close() {
        timer.interrupt();
    }
}
