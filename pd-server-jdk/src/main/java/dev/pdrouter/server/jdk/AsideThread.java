package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;

/**
 * Runs what would keep an {@link EventLoop} busy on a thread that is not the loop's, for which the calling one waits.
 */
final class AsideThread {

    /** The work of one request. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    private final ThreadFactory threads;

    /** Runs it on threads of this kind. */
    AsideThread(ThreadFactory threads) {
        this.threads = threads;
    }

    /** Returns, or throws, when the work has; an interrupt is passed on to it. */
    void run(Work work) throws IOException, InterruptedException {
        Callable<Void> call = () -> {
            work.run();
            return null;
        };
        FutureTask<Void> task = new FutureTask<>(call);
        Thread thread = threads.newThread(task);
        thread.start();
        while (true) {
            try {
                task.get();
                return;
            } catch (InterruptedException e) {
                thread.interrupt();
            } catch (ExecutionException e) {
                switch (Objects.requireNonNull(e.getCause())) {
                    case IOException cause -> throw cause;
                    case InterruptedException cause -> throw cause;
                    case RuntimeException cause -> throw cause;
                    case Error cause -> throw cause;
                    default -> throw new IllegalStateException(e.getCause());
                }
            }
        }
    }
}
