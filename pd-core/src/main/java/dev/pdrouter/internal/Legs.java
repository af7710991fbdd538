package dev.pdrouter.internal;

import dev.pdrouter.PdException;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Legs that overlap: each on a virtual thread of its own, none of which outlives the block that this is closed by.
 *
 * <p>Used by one thread. What a leg answered is closed with it.
 */
final class Legs implements AutoCloseable {

    private final Alarms alarms;
    private final BlockingQueue<Fork<?>> ended = new LinkedBlockingQueue<>();
    private final List<Fork<?>> forks = new ArrayList<>();

    Legs(Alarms alarms) {
        this.alarms = alarms;
    }

    /** What a leg does: it waits for an engine, with an alarm for its own thread. */
    @FunctionalInterface
    interface Wait<T> {
        T run(Alarm alarm) throws PdException, IOException, InterruptedException;
    }

    <T> Fork<T> fork(Wait<T> wait) {
        Fork<T> fork = new Fork<>(() -> {
            try (Alarm alarm = alarms.alarm(Thread.currentThread()::interrupt)) {
                return wait.run(alarm);
            }
        });
        forks.add(fork);
        fork.thread.start();
        return fork;
    }

    /** Waits for the next leg to end. */
    Fork<?> next() throws InterruptedException {
        return ended.take();
    }

    /** Ends every leg and waits until they have: they drop their connections at once. */
    @Override
    public void close() {
        forks.forEach(fork -> fork.thread.interrupt());
        forks.forEach(Fork::close);
    }

    /** One leg. */
    final class Fork<T> {

        private final FutureTask<T> task;
        private final Thread thread;

        private Fork(Callable<T> work) {
            task = new FutureTask<>(work) {
                @Override
                protected void done() {
                    ended.add(Fork.this);
                }
            };
            thread = Thread.ofVirtual().unstarted(task);
        }

        /** What the leg, which has ended, came to. */
        T result() throws PdException, IOException, InterruptedException {
            try {
                return task.get();
            } catch (ExecutionException e) {
                switch (Objects.requireNonNull(e.getCause())) {
                    case PdException failure -> throw failure;
                    case IOException failure -> throw failure;
                    case InterruptedException failure -> throw failure;
                    case RuntimeException failure -> throw failure;
                    case Error failure -> throw failure;
                    default -> throw new IllegalStateException(e);
                }
            }
        }

        /** Ends the leg, drops what it was answered, and returns when that is done. */
        void close() {
            thread.interrupt();
            joinUninterrupted();
            if (task.state() == Future.State.SUCCESS && task.resultNow() instanceof Closeable answer) {
                try {
                    answer.close();
                } catch (IOException e) {
                    // Nobody is left to tell: it is gone, which is what was wanted.
                }
            }
        }

        private void joinUninterrupted() {
            boolean interrupted = false;
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
