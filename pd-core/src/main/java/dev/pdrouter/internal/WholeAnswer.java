package dev.pdrouter.internal;

import dev.pdrouter.PdException;
import dev.pdrouter.PdException.EngineFailed;
import java.util.Optional;

/** Reads an engine's answer to its end, into one array of its length where the engine announces it. */
final class WholeAnswer {

    private static final BodyMemory UNCOUNTED = new BodyMemory(Long.MAX_VALUE);

    private WholeAnswer() {}

    /**
     * Reads into the request's share of the memory.
     *
     * @throws EngineFailed when it is longer than the limit, too
     * @throws PdException.Unavailable when it does not fit, which is not the engine's doing
     */
    static byte[] read(EngineCall call, long max, BodyMemory.Share memory)
            throws EngineFailed, PdException.Unavailable, InterruptedException {
        WholeBody whole = begin(call, max, memory);
        if (!readOn(call, max, whole)) {
            throw EngineFailed.broken(
                    call.stage(), call.target(), "gave an answer of more than " + max + " bytes", null);
        }
        return whole.bytes();
    }

    /** Reads an answer that is not counted. */
    static byte[] read(EngineCall call, int max) throws EngineFailed, InterruptedException {
        try (BodyMemory.Share memory = UNCOUNTED.share()) {
            return read(call, max, memory);
        } catch (PdException.Unavailable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads an answer of so many bytes at most; the call of a longer one is as if nothing had been read. */
    static Optional<byte[]> readShort(EngineCall call, int max) throws EngineFailed, InterruptedException {
        if (call.length() > max) {
            return Optional.empty();
        }
        try (BodyMemory.Share memory = UNCOUNTED.share()) {
            WholeBody whole = begin(call, max, memory);
            boolean read = readOn(call, max, whole);
            byte[] bytes = whole.bytes();
            if (!read) {
                call.unread(bytes);
            }
            return read ? Optional.of(bytes) : Optional.empty();
        } catch (PdException.Unavailable e) {
            throw new IllegalStateException(e);
        }
    }

    private static WholeBody begin(EngineCall call, long max, BodyMemory.Share memory) {
        long length = call.length();
        return new WholeBody(memory, length > 0 && length <= max ? length : -1);
    }

    /** Returns whether that was all of it. */
    private static boolean readOn(EngineCall call, long max, WholeBody whole)
            throws EngineFailed, PdException.Unavailable, InterruptedException {
        if (call.length() > max) {
            return false;
        }
        do {
            int read = call.read(whole.segment(), whole.offset());
            if (read < 0) {
                return true;
            }
            whole.added(read);
            if (whole.count() > max) {
                return false;
            }
        } while (!call.isWhole());
        return true;
    }
}
