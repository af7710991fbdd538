package dev.pdrouter.internal.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The body of an answer: its end hands the connection back, a close before it drops the connection.
 *
 * <p>Read by one thread; any other may close it.
 */
abstract class AnswerBody extends InputStream {

    private enum State {
        OPEN,
        ENDED,
        BROKEN,
        CLOSED
    }

    private final Call call;
    private final boolean persistent;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

    AnswerBody(Call call, boolean persistent) {
        this.call = call;
        this.persistent = persistent;
    }

    /**
     * Reads what can be had without waiting, or waits for a first byte.
     *
     * @param len at least 1
     * @return -1 at the end
     */
    abstract int decode(byte[] b, int off, int len) throws IOException;

    /** @return bytes that {@link #decode} certainly has */
    abstract int decodable();

    /** To be called as soon as the last byte was taken; the connection may serve another call at once. */
    final void ended() {
        if (state.compareAndSet(State.OPEN, State.ENDED)) {
            call.complete(persistent);
        }
    }

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public final int read(byte[] b, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, b.length);
        switch (state.get()) {
            case ENDED -> {
                return len == 0 ? 0 : -1;
            }
            case BROKEN, CLOSED -> throw new IOException("the answer's body was closed before its end");
            case OPEN -> {}
        }
        if (len == 0) {
            return 0;
        }
        try {
            return decode(b, off, len);
        } catch (IOException e) {
            state.compareAndSet(State.OPEN, State.BROKEN);
            call.abandon();
            throw call.explain(e);
        }
    }

    @Override
    public final int available() {
        return state.get() == State.OPEN ? decodable() : 0;
    }

    @Override
    public final void close() {
        if (state.getAndUpdate(now -> now == State.ENDED ? now : State.CLOSED) != State.ENDED) {
            call.cancel();
        }
    }
}
