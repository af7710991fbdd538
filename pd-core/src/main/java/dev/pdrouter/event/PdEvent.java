package dev.pdrouter.event;

import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Something that happened to a request. For each request: {@link Received} once, then what happened, in order, then
 * {@link Ended} once; only {@link Released} may come later than that.
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
     * A generation request goes to the decoder alone, or any other that names a prefiller.
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
     * A candidate is not asked in its turn, since it has kept failing; perhaps when all others have failed too.
     *
     * @param requestId the request
     * @param prefiller the candidate
     */
    record PassedOver(String requestId, Target prefiller) implements PdEvent {}

    /**
     * A prefiller failed, and the request goes on: to another candidate, to the same one again, or to the decoder alone.
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
     * A handoff that no decode took over has been released, or could not be: told once for each. The release runs beside
     * its request, so this comes on another thread, before or after {@link Ended}.
     *
     * @param requestId the request
     * @param prefiller who kept the blocks
     * @param why no decode took it over
     * @param failure why it may not be released, in a few words: then the blocks are kept until their lease ends. Empty
     *     when the decoder has read them
     * @param took since the release began
     */
    record Released(String requestId, Target prefiller, Stranded why, Optional<String> failure, Duration took)
            implements PdEvent {}

    /**
     * The client left while a prefiller that had been sent the whole request worked for it, and no answer came. Most have
     * given the request up then. One that was just about to answer has not, and keeps the blocks until their lease ends:
     * nobody can tell, or release them.
     *
     * @param requestId the request
     * @param prefiller who was dropped
     */
    record Unheard(String requestId, Target prefiller) implements PdEvent {}

    /**
     * The request is over.
     *
     * @param requestId the request
     * @param outcome how it ended
     * @param status what the client was answered, if anything
     * @param failure the engine that is why the client has no success; empty when no engine is, and when one refused the
     *     request with a status below 500, which is the client's doing
     * @param took since {@link Received}
     */
    record Ended(String requestId, Outcome outcome, OptionalInt status, Optional<Failure> failure, Duration took)
            implements PdEvent {}

    /**
     * How an engine failed a request.
     *
     * @param stage what it was to do
     * @param engine where it is
     * @param kind how it failed
     */
    record Failure(Stage stage, Target engine, EngineFailed.Kind kind) {}

    /** Why no decode took a handoff over. */
    enum Stranded {
        /** The client left before the decoder had been sent it. */
        CLIENT_LEFT,
        /** The decoder refused the request unread, with 400 or 422. */
        REFUSED,
        /** The decoder could not be sent it. */
        UNREACHED
    }

    /** How a request ended. */
    enum Outcome {
        /** The client has an engine's whole answer. */
        ANSWERED,
        /** The client has an error of the router's own: its request was refused, or an engine failed. */
        REFUSED,
        /** The client left. */
        CLIENT_LEFT,
        /** An engine broke off, or the time to drain was over, in the middle of the answer: the client's connection was dropped. */
        CUT
    }
}
