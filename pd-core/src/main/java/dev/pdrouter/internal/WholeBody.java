package dev.pdrouter.internal;

import dev.pdrouter.PdException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A body that is read whole: memory is taken, and counted, as its bytes arrive and not as they are announced.
 *
 * <p>Where its length is known, its array is made, and counted, when a quarter of it has come, so it is held once; up to
 * 64 KB it is made at once. Where it is not, it grows by further segments, not by copies twice as large, and is put together once. That one copy is not counted,
 * but only one is made at a time in the JVM, and a body too large for that is counted twice.
 */
final class WholeBody {

    private static final int FIRST = 16 * 1024;
    private static final int FIRST_OF_KNOWN = 64 * 1024;
    private static final int LARGEST = 1024 * 1024;
    private static final int TOO_LARGE_TO_COPY = 32 * 1024 * 1024;

    /** Held while large segments and their copy exist together. */
    private static final ReentrantLock COPYING = new ReentrantLock(true);

    private final BodyMemory.Share memory;
    private final long expected;
    private final List<byte[]> full = new ArrayList<>();
    private byte[] segment;
    private int used;
    private int count;
    private int counted;

    /** @param expected its length, -1 when only the end will tell */
    WholeBody(BodyMemory.Share memory, long expected) {
        this.memory = memory;
        this.expected = expected;
        this.segment = new byte[firstSize(expected)];
    }

    private static int firstSize(long expected) {
        if (expected < 0) {
            return FIRST;
        }
        return (int) (expected <= FIRST_OF_KNOWN ? expected : Math.clamp(quarter(expected), FIRST, FIRST_OF_KNOWN));
    }

    private static long quarter(long expected) {
        return (expected + 3) / 4;
    }

    /** The array that the next bytes go to, from {@link #offset} on. */
    byte[] segment() throws PdException.Unavailable {
        if (used == segment.length) {
            if (counted < expected && count >= quarter(expected)) {
                takeAll();
            } else {
                full.add(segment);
                segment = new byte[nextSize()];
                used = 0;
            }
        }
        return segment;
    }

    private void takeAll() throws PdException.Unavailable {
        memory.take(expected - counted);
        counted = (int) expected;
        segment = joined((int) expected);
        full.clear();
        used = count;
    }

    private int nextSize() {
        int size = Math.clamp(count, FIRST, LARGEST);
        return expected < 0 ? size : (int) Math.min(size, expected - count);
    }

    int offset() {
        return used;
    }

    /** Counts what was put into the segment. */
    void added(int bytes) throws PdException.Unavailable {
        used += bytes;
        count += bytes;
        if (count > counted) {
            memory.take(count - counted);
            counted = count;
        }
    }

    /** Adds the first bytes of an array, which stays the caller's. */
    void add(byte[] bytes, int length) throws PdException.Unavailable {
        for (int done = 0; done < length; ) {
            byte[] to = segment();
            int size = Math.min(length - done, to.length - used);
            System.arraycopy(bytes, done, to, used, size);
            added(size);
            done += size;
        }
    }

    /** How many bytes have come. */
    int count() {
        return count;
    }

    /** All of it; the segments are gone then. */
    byte[] bytes() throws PdException.Unavailable {
        if (full.isEmpty() && used == segment.length) {
            return segment;
        }
        if (count <= LARGEST) {
            return joined(count);
        }
        if (count > TOO_LARGE_TO_COPY) {
            memory.take(count);
        }
        COPYING.lock();
        try {
            byte[] whole = joined(count);
            full.clear();
            segment = whole;
            used = count;
            return whole;
        } finally {
            COPYING.unlock();
        }
    }

    private byte[] joined(int length) {
        byte[] whole = new byte[length];
        int at = 0;
        for (byte[] part : full) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        System.arraycopy(segment, 0, whole, at, used);
        return whole;
    }
}
