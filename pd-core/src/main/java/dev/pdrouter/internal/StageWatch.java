package dev.pdrouter.internal;

import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.event.PdEvent;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** Tells of one stage: that it started, and how it ended; and its engine when it was given up. */
final class StageWatch implements AutoCloseable {

    private final Events events;
    private final Stage stage;
    private final Target target;
    private final long started = System.nanoTime();
    private final Runnable abort;
    private boolean ended;
    private OptionalInt status = OptionalInt.empty();

    /** The abort is run when the watch is closed before the answer was whole. */
    StageWatch(Events events, Stage stage, Target target, Runnable abort) {
        this.abort = abort;
        this.events = events;
        this.stage = stage;
        this.target = target;
        events.tell(new PdEvent.StageStarted(events.requestId(), stage, target));
    }

    /** The engine's answer begins to go to the client. */
    void firstByte() {
        events.tell(new PdEvent.FirstByte(events.requestId(), events.sinceReceived()));
    }

    /** The engine has given its whole answer. */
    void answered(int code) {
        status = OptionalInt.of(code);
    }

    /** Ends it now, whatever is done until it is closed. */
    void end() {
        if (ended) {
            return;
        }
        ended = true;
        if (status.isEmpty()) {
            abort.run();
        }
        Optional<String> failure = status.isPresent() ? Optional.empty() : Optional.of("gave no whole answer");
        events.tell(new PdEvent.StageEnded(
                events.requestId(), stage, target, status, Duration.ofNanos(System.nanoTime() - started), failure));
    }

    @Override
    public void close() {
        end();
    }
}
