package dev.pdrouter.internal;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Runs a request on a virtual thread: only there does an interrupt end a blocking read of a {@link java.net.Socket}.
 */
public final class OnVirtualThread {

    private OnVirtualThread() {}

    /** Work that blocks. */
    @FunctionalInterface
    public interface Work {
        /**
         * Does it.
         *
         * @throws IOException as the work says
         * @throws InterruptedException when the thread was interrupted
         */
        void run() throws IOException, InterruptedException;
    }

    /**
     * Does the work on this thread if it is virtual, else on one of its own while this one waits and passes its
     * interrupt on.
     *
     * @param work to do
     * @throws IOException as the work throws it
     * @throws InterruptedException as the work throws it
     */
    public static void run(Work work) throws IOException, InterruptedException {
        if (Thread.currentThread().isVirtual()) {
            work.run();
            return;
        }
        FutureTask<Void> task = new FutureTask<>(() -> {
            work.run();
            return null;
        });
        Thread worker = Thread.startVirtualThread(task);
        while (true) {
            try {
                task.get();
                return;
            } catch (InterruptedException e) {
                worker.interrupt();
            } catch (ExecutionException e) {
                throw rethrown(e.getCause());
            }
        }
    }

    private static IOException rethrown(@Nullable Throwable cause) throws InterruptedException {
        if (cause == null) {
            throw new IllegalStateException();
        }
        return switch (cause) {
            case InterruptedException e -> throw e;
            case IOException e -> e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(cause);
        };
    }
}
