package dev.pdrouter.internal;

import dev.pdrouter.PdException;
import java.util.concurrent.atomic.AtomicLong;

/** How much memory the bodies of all requests may take at once, and take. Thread-safe. */
public final class BodyMemory {

    private final long limit;
    private final AtomicLong held = new AtomicLong();

    /**
     * Memory that nothing is held in yet.
     *
     * @param limit in bytes
     */
    public BodyMemory(long limit) {
        this.limit = limit;
    }

    /** The part of one request, given back when it is closed. */
    Share share() {
        return new Share();
    }

    /** What one request holds. The threads of its legs take from it too. */
    final class Share implements AutoCloseable {

        private final AtomicLong taken = new AtomicLong();

        long limit() {
            return limit;
        }

        /**
         * Looks whether so much would fit now, without taking it: who only announces a body holds nothing.
         *
         * @throws PdException a 503 when it would not
         */
        void requireRoomFor(long bytes) throws PdException.Unavailable {
            if (bytes > limit - held.get()) {
                throw PdException.Unavailable.full();
            }
        }

        /**
         * Takes what has come.
         *
         * @throws PdException a 503 when it does not fit
         */
        void take(long bytes) throws PdException.Unavailable {
            if (held.addAndGet(bytes) > limit) {
                held.addAndGet(-bytes);
                throw PdException.Unavailable.full();
            }
            taken.addAndGet(bytes);
        }

        @Override
        public void close() {
            held.addAndGet(-taken.getAndSet(0));
        }
    }
}
