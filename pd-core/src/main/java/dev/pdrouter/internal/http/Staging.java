package dev.pdrouter.internal.http;

import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Memory outside the heap that a long body passes on its way to a channel. A channel copies what it is given from the heap
 * into such memory anyway, piece by piece; here the head, the prompt and what was put behind it share a write.
 */
final class Staging {

    /** So much leaves in one write: an engine that finds more each time it looks need not be woken as often. */
    private static final int SIZE = 512 * 1024;

    /** So many are lent at a time: engines that read slowly keep them. */
    private static final int MOST = 32;

    private static final Queue<ByteBuffer> FREE = new ArrayBlockingQueue<>(8);
    private static final AtomicInteger LENT = new AtomicInteger();

    private Staging() {}

    /** An empty buffer, which is the caller's until it is given back; null when too many are lent. */
    static @Nullable ByteBuffer take() {
        if (LENT.incrementAndGet() > MOST) {
            LENT.decrementAndGet();
            return null;
        }
        ByteBuffer free = FREE.poll();
        return free == null ? made() : free.clear();
    }

    private static ByteBuffer made() {
        try {
            return ByteBuffer.allocateDirect(SIZE);
        } catch (OutOfMemoryError e) {
            LENT.decrementAndGet();
            throw e;
        }
    }

    /** Nobody may use it any more. */
    static void giveBack(ByteBuffer buffer) {
        LENT.decrementAndGet();
        FREE.offer(buffer);
    }
}
