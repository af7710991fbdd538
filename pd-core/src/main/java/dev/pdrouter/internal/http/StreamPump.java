package dev.pdrouter.internal.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the pieces of many streams on one thread, and has them carried on there.
 *
 * <p>A token then costs a wait that it shares with others, a read and a write; to wake its request's own thread would cost
 * as much again. That thread sleeps in {@link #carry} meanwhile, and goes on whenever there is something to do that may
 * wait: so streams end, fail and are cancelled in one place, which is not here.
 */
final class StreamPump implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StreamPump.class);

    private final Selector selector;
    private final Queue<CarriedStream> newcomers = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    /** Starts the thread. */
    StreamPump() throws IOException {
        selector = Selector.open();
        Thread.ofPlatform().name("pd-streams").daemon().start(this::run);
    }

    /**
     * Does the step whenever there is something to read, until it has enough or fails.
     *
     * @param channel in blocking mode, and read by nobody else; after an interrupt it can only be closed
     * @param step never waits
     * @throws InterruptedIOException when the calling thread was interrupted, which it still is then
     * @throws IOException what the step threw
     */
    void carry(SocketChannel channel, CarriedStream.Step step) throws IOException {
        channel.configureBlocking(false);
        CarriedStream stream = new CarriedStream(channel, step, Thread.currentThread());
        newcomers.add(stream);
        if (closed) {
            stream.giveBack();
        }
        selector.wakeup();
        stream.await();
        channel.configureBlocking(true);
        stream.rethrow();
    }

    private void run() {
        try (selector) {
            try {
                while (!closed) {
                    selector.select(StreamPump::ready);
                    admitNewcomers();
                }
            } finally {
                closed = true;
                selector.keys().forEach(key -> ((CarriedStream) key.attachment()).giveBack());
                newcomers.forEach(CarriedStream::giveBack);
            }
        } catch (IOException | RuntimeException | Error e) {
            LOG.error("from now on each stream is carried by its own thread", e);
        }
    }

    private static void ready(SelectionKey key) {
        ((CarriedStream) key.attachment()).step();
    }

    private void admitNewcomers() throws IOException {
        for (CarriedStream stream = newcomers.poll(); stream != null; stream = newcomers.poll()) {
            if (stream.wasHereBefore(selector)) {
                selector.selectNow(StreamPump::ready); // which forgets what was given back
            }
            stream.register(selector);
        }
    }

    /** Ends the thread, which gives every stream back. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
    }
}
