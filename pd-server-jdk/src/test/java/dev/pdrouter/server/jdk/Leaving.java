package dev.pdrouter.server.jdk;

import dev.pdrouter.Stage;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.event.PdListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Knows what became of handoffs; and has a client leave between the legs, for the event that comes there is told on the
 * request's thread.
 */
final class Leaving implements PdListener {

    private final BlockingQueue<PdEvent.Released> released = new LinkedBlockingQueue<>();
    private final BlockingQueue<PdEvent.Ended> ended = new LinkedBlockingQueue<>();
    private final List<PdEvent> all = new CopyOnWriteArrayList<>();
    private final AtomicReference<RawClient> leaving = new AtomicReference<>();

    /** The client leaves when the next prefill has ended. */
    void betweenTheLegs(RawClient client) {
        leaving.set(client);
    }

    @Override
    public void on(PdEvent event) {
        all.add(event);
        if (event instanceof PdEvent.Released end) {
            released.add(end);
        }
        if (event instanceof PdEvent.Ended end) {
            ended.add(end);
        }
        if (event instanceof PdEvent.StageEnded prefill && prefill.stage() == Stage.PREFILL) {
            RawClient client = leaving.getAndSet(null);
            if (client != null) {
                leave(client);
            }
        }
    }

    private static void leave(RawClient client) {
        try {
            client.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!Thread.currentThread().isInterrupted() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    /** Waits for the end of a release. */
    PdEvent.Released awaitReleased() throws InterruptedException {
        return next(released);
    }

    /** Waits for the end of a request, which can come after that of its release. */
    void awaitEnded() throws InterruptedException {
        next(ended);
    }

    private static <T> T next(BlockingQueue<T> told) throws InterruptedException {
        T next = told.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("it was not told");
        }
        return next;
    }

    /** The stages that began and ended so far, in order. */
    List<String> stages() {
        return all.stream()
                .mapMulti((PdEvent event, Consumer<String> out) -> {
                    switch (event) {
                        case PdEvent.StageStarted begun -> out.accept(begun.stage() + " begins");
                        case PdEvent.StageEnded end -> out.accept(end.stage() + " ends");
                        default -> {}
                    }
                })
                .toList();
    }

    /** What was told so far. */
    <T extends PdEvent> List<T> told(Class<T> kind) {
        return all.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
