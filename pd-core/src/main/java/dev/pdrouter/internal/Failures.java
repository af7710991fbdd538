package dev.pdrouter.internal;

import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.event.PdEvent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The failures of engines in one request: each is one line of the log, and the last one is told at its end. */
final class Failures {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private final Events events;
    private final boolean generation;
    private @Nullable EngineFailed last;

    Failures(Events events, boolean generation) {
        this.events = events;
        this.generation = generation;
    }

    /** The request goes on without the prefiller that failed. */
    void survived(EngineFailed failure, String then) {
        warn(failure, then);
        events.tell(new PdEvent.FailedOver(events.requestId(), failure.target(), String.valueOf(failure.getMessage())));
    }

    /** The request ends with it. */
    void ended(EngineFailed failure) {
        last = failure;
        warn(failure, "the request ends");
    }

    /**
     * The client gets an engine's own answer. One below 500 is the client's doing; and what other paths answer, such as
     * a health check, is no news.
     */
    void answered(Stage stage, Target engine, int status) {
        if (status >= 500 && generation) {
            ended(EngineFailed.answered(stage, engine, status));
        }
    }

    /** Why the client has no success, if an engine is why. */
    Optional<PdEvent.Failure> decisive() {
        return Optional.ofNullable(last)
                .map(failure -> new PdEvent.Failure(failure.stage(), failure.target(), failure.kind()));
    }

    private void warn(EngineFailed failure, String then) {
        LOG.warn("request {}: {}{}; {}", events.requestId(), failure.getMessage(), cause(failure), then);
    }

    /** The root of it; messages of the network's and of ours hold no part of a body. */
    private static String cause(EngineFailed failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root == failure
                ? ""
                : " (" + root.getClass().getSimpleName() + (root.getMessage() == null ? "" : ": " + root.getMessage())
                        + ")";
    }
}
