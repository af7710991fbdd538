package dev.pdrouter;

import java.time.Duration;
import java.util.Optional;

/**
 * Why a request gets an error of the router's own: whose fault it is, and the status and type to answer.
 *
 * <p>Messages are for the client; they name the stage and the engine, and never hold a part of the prompt.
 */
public abstract sealed class PdException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;

    private PdException(int status, String type, String message, @org.jspecify.annotations.Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.type = type;
    }

    /**
     * The status to answer.
     *
     * @return from 400 to 599
     */
    public int status() {
        return status;
    }

    /**
     * The error's type, as engines spell it.
     *
     * @return for instance {@code BadRequestError}
     */
    public String type() {
        return type;
    }

    /**
     * When to try again, if that helps.
     *
     * @return what {@code Retry-After} says
     */
    public Optional<Duration> retryAfter() {
        return Optional.empty();
    }

    /** The client's fault: a request that is not sent to any engine. */
    public static final class Rejected extends PdException {
        private static final long serialVersionUID = 1L;

        private Rejected(int status, String type, String message) {
            super(status, type, message, null);
        }

        /**
         * A request that is malformed.
         *
         * @param message what is wrong
         * @return a 400
         */
        public static Rejected badRequest(String message) {
            return new Rejected(400, "BadRequestError", message);
        }

        /**
         * A request that names only engines which may not be called.
         *
         * @param message what is wrong
         * @return a 403
         */
        public static Rejected forbidden(String message) {
            return new Rejected(403, "Forbidden", message);
        }

        /**
         * A request whose body did not come.
         *
         * @param message what is wrong
         * @return a 408
         */
        public static Rejected timeout(String message) {
            return new Rejected(408, "RequestTimeout", message);
        }

        /**
         * A request whose body is too large.
         *
         * @param message what is wrong
         * @return a 413
         */
        public static Rejected tooLarge(String message) {
            return new Rejected(413, "RequestTooLarge", message);
        }
    }

    /** An engine's fault: it could not be reached, broke off, took too long or answered nonsense. */
    public static final class EngineFailed extends PdException {
        private static final long serialVersionUID = 1L;

        private final Kind kind;
        private final Stage stage;
        private final transient Target target;

        /** How an engine fails. */
        public enum Kind {
            /** No connection could be made to it. */
            UNREACHABLE,
            /** It broke off, or answered nonsense. */
            BROKEN,
            /** It took too long. */
            TOO_LATE,
            /** It answered with an error of its own: of status 500 or above, an encoder with anything but success. */
            ANSWERED,
            /** It did what it was asked, with a result that the next stage cannot go on from; any other would too. */
            UNUSABLE
        }

        private EngineFailed(
                Kind kind,
                Stage stage,
                Target target,
                String what,
                @org.jspecify.annotations.Nullable Throwable cause) {
            super(status(kind, stage), type(kind, stage), "the " + stage.engine() + " " + target + " " + what, cause);
            this.kind = kind;
            this.stage = stage;
            this.target = target;
        }

        private static int status(Kind kind, Stage stage) {
            return switch (kind) {
                case TOO_LATE -> 504;
                case UNREACHABLE -> stage == Stage.DECODE ? 503 : 502;
                default -> 502;
            };
        }

        private static String type(Kind kind, Stage stage) {
            return switch (status(kind, stage)) {
                case 503 -> "ServiceUnavailable";
                case 504 -> "GatewayTimeout";
                default -> "BadGateway";
            };
        }

        /**
         * An engine that no connection could be made to.
         *
         * @param stage what it was to do
         * @param target where it is
         * @param cause what was thrown
         * @return a 503 for the decoder, a 502 for others, which a scheduler can choose anew
         */
        public static EngineFailed unreachable(Stage stage, Target target, Throwable cause) {
            return new EngineFailed(Kind.UNREACHABLE, stage, target, "does not accept connections", cause);
        }

        /**
         * An engine that broke off or answered nonsense.
         *
         * @param stage what it was to do
         * @param target where it is
         * @param what the rest of the sentence that its address begins
         * @param cause what was thrown, if anything was
         * @return a 502
         */
        public static EngineFailed broken(
                Stage stage, Target target, String what, @org.jspecify.annotations.Nullable Throwable cause) {
            return new EngineFailed(Kind.BROKEN, stage, target, what, cause);
        }

        /**
         * An engine that answered with an error of its own.
         *
         * @param stage what it was to do
         * @param target where it is
         * @param status of its answer
         * @return a 502
         */
        public static EngineFailed answered(Stage stage, Target target, int status) {
            return new EngineFailed(Kind.ANSWERED, stage, target, "answered " + status, null);
        }

        /**
         * An engine that did what it was asked, with a result that the next stage cannot go on from. The request is why,
         * so no other engine is asked.
         *
         * @param stage what it was to do
         * @param target where it is
         * @param what the rest of the sentence that its address begins
         * @return a 502
         */
        public static EngineFailed unusable(Stage stage, Target target, String what) {
            return new EngineFailed(Kind.UNUSABLE, stage, target, what, null);
        }

        /**
         * An engine that took too long.
         *
         * @param stage what it was to do
         * @param target where it is
         * @param what the rest of the sentence that its address begins
         * @return a 504
         */
        public static EngineFailed tooLate(Stage stage, Target target, String what) {
            return new EngineFailed(Kind.TOO_LATE, stage, target, what, null);
        }

        /**
         * How it failed.
         *
         * @return the kind
         */
        public Kind kind() {
            return kind;
        }

        /**
         * What the engine was to do.
         *
         * @return the stage
         */
        public Stage stage() {
            return stage;
        }

        /**
         * Where the engine is.
         *
         * @return its address
         */
        public Target target() {
            return target;
        }
    }

    /** The router's own state: it is draining or full. The client can come again. */
    public static final class Unavailable extends PdException {
        private static final long serialVersionUID = 1L;

        private Unavailable(int status, String type, String message) {
            super(status, type, message, null);
        }

        /**
         * The router is shutting down.
         *
         * @return a 503
         */
        public static Unavailable draining() {
            return new Unavailable(503, "ServiceUnavailable", "the router is shutting down");
        }

        /**
         * Too many requests are in flight.
         *
         * @return a 429
         */
        public static Unavailable tooManyRequests() {
            return new Unavailable(429, "TooManyRequests", "too many disaggregated requests are in flight");
        }

        /**
         * The bodies of the requests in flight leave no memory for another.
         *
         * @return a 503
         */
        public static Unavailable full() {
            return new Unavailable(503, "ServiceUnavailable", "too many bytes of requests are in flight");
        }

        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(Duration.ofSeconds(1));
        }
    }

    /** The router's own fault, or a connector's. */
    public static final class Internal extends PdException {
        private static final long serialVersionUID = 1L;

        /**
         * A failure that nobody expected.
         *
         * @param cause what was thrown; it is logged, not answered
         */
        public Internal(Throwable cause) {
            super(500, "InternalServerError", "the router failed", cause);
        }
    }
}
