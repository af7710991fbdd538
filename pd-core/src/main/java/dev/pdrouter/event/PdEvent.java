package dev.pdrouter.event;

import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Something that happened to a request. For each request: {@link Received}, then stages, then {@link Ended}.
 *
 * <p>No event holds a part of a prompt or an answer.
 */
public sealed interface PdEvent {

    /**
     * The request it happened to.
     *
     * @return the {@code x-request-id} of its legs; for a pass-through request, an id of the router's own
     */
    String requestId();

    /**
     * A request came in.
     *
     * @param requestId the request
     * @param method its method
     * @param path its path, without the query
     */
    record Received(String requestId, String method, String path) implements PdEvent {}

    /**
     * A generation request goes to the decoder alone.
     *
     * @param requestId the request
     * @param reason why, in a few words
     */
    record DecodeAlone(String requestId, String reason) implements PdEvent {}

    /**
     * An engine is about to be called.
     *
     * @param requestId the request
     * @param stage what it is to do
     * @param target where it is
     */
    record StageStarted(String requestId, Stage stage, Target target) implements PdEvent {}

    /**
     * An engine is done, or was given up.
     *
     * @param requestId the request
     * @param stage what it was to do
     * @param target where it is
     * @param status its answer's status, if it gave one
     * @param took since {@link StageStarted}
     * @param failure what went wrong, in a few words; empty when nothing did
     */
    record StageEnded(
            String requestId, Stage stage, Target target, OptionalInt status, Duration took, Optional<String> failure)
            implements PdEvent {}

    /**
     * A prefiller failed, and the next candidate is tried.
     *
     * @param requestId the request
     * @param from the prefiller that failed
     * @param reason what went wrong, in a few words
     */
    record FailedOver(String requestId, Target from, String reason) implements PdEvent {}

    /**
     * The decoder's answer begins to reach the client.
     *
     * @param requestId the request
     * @param took since {@link Received}
     */
    record FirstByte(String requestId, Duration took) implements PdEvent {}

    /**
     * The request is over.
     *
     * @param requestId the request
     * @param outcome how it ended
     * @param status what the client was answered, if anything
     * @param took since {@link Received}
     */
    record Ended(String requestId, Outcome outcome, OptionalInt status, Duration took) implements PdEvent {}

    /** How a request ended. */
    enum Outcome {
        /** The client has an engine's whole answer. */
        ANSWERED,
        /** The client has an error of the router's own. */
        REFUSED,
        /** The client left. */
        CLIENT_LEFT,
        /** An engine broke off, or the time to drain was over, in the middle of the answer: the client's connection was dropped. */
        CUT
    }
}
