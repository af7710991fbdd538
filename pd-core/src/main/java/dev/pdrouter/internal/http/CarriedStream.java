package dev.pdrouter.internal.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One stream while a {@link StreamPump} has it: who may touch it is settled by its lock. */
public final class CarriedStream {

    /** What is done whenever bytes have come. */
    @FunctionalInterface
    public interface Step {
        /**
         * Carries on what has come, without waiting.
         *
         * @return false to give the stream back to its own thread
         * @throws IOException which its own thread is to throw
         */
        boolean run() throws IOException;
    }

    private final SocketChannel channel;
    private final Step step;
    private final Thread owner;
    private @Nullable SelectionKey key;
    private @Nullable Throwable failure;
    private volatile boolean givenBack;

    CarriedStream(SocketChannel channel, Step step, Thread owner) {
        this.channel = channel;
        this.step = step;
        this.owner = owner;
    }

    /** Whether the selector has not forgotten it since it was given back. */
    boolean wasHereBefore(Selector selector) {
        return channel.keyFor(selector) != null;
    }

    synchronized void register(Selector selector) {
        if (!givenBack) {
            try {
                key = channel.register(selector, SelectionKey.OP_READ, this);
            } catch (ClosedChannelException | RuntimeException e) {
                giveBack(); // its own thread finds out what is wrong
            }
        }
    }

    synchronized void step() {
        if (givenBack) {
            return;
        }
        try {
            if (step.run()) {
                return;
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
        giveBack();
    }

    synchronized void giveBack() {
        if (key != null) {
            key.cancel();
        }
        givenBack = true;
        LockSupport.unpark(owner);
    }

    /** Waits in the stream's own thread until it is given back, or takes it back on an interrupt. */
    void await() throws InterruptedIOException {
        while (!givenBack) {
            LockSupport.park(this);
            if (Thread.currentThread().isInterrupted()) {
                giveBack();
                throw new InterruptedIOException("interrupted");
            }
        }
    }

    void rethrow() throws IOException {
        switch (failure) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }
}
