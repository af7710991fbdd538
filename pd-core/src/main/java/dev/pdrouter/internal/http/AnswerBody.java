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
public abstract class AnswerBody extends InputStream {

    private enum State {
        OPEN,
        ENDED,
        BROKEN,
        CLOSED
    }

    private final Call call;
    private final boolean persistent;
    private boolean carried;
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

    /** More bytes are buffered than there were. */
    void arrived() {}

    /** Whether there is anything to wait for; what is wrong, its reader is told when it has read what is decodable. */
    boolean goesOn() {
        return true;
    }

    /** To be called as soon as the last byte was taken; the connection may serve another call at once. */
    final void ended() {
        if (state.compareAndSet(State.OPEN, State.ENDED) && !carried) {
            call.complete(persistent);
        }
    }

    /** Whether the last byte was taken. */
    public final boolean isEnded() {
        return state.get() == State.ENDED;
    }

    /** Whether {@link #carry} can be called. */
    public final boolean isCarriable() {
        return state.get() == State.OPEN && goesOn() && call.isCarriable();
    }

    /**
     * Has a thread that serves many streams do the step whenever bytes have come, and waits until it returns false, the
     * body has ended or the engine has closed its side. The step reads what is {@link #available}, and never waits.
     *
     * @param step run by one thread at a time, which for now is the body's reader
     * @throws java.io.InterruptedIOException when the calling thread was interrupted, which it still is then
     * @throws IOException when the step failed
     */
    public final void carry(CarriedStream.Step step) throws IOException {
        carried = true;
        try {
            call.carry(() -> {
                arrived();
                return step.run() && state.get() == State.OPEN && goesOn();
            });
        } catch (IOException | RuntimeException | Error e) {
            state.compareAndSet(State.OPEN, State.BROKEN);
            call.abandon();
            throw e;
        }
        carried = false;
        if (state.get() == State.ENDED) {
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
