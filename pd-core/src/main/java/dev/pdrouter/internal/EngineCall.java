package dev.pdrouter.internal;

import dev.pdrouter.EngineRequest;
import dev.pdrouter.EngineResponse;
import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.Transport;
import dev.pdrouter.internal.http.AnswerBody;
import dev.pdrouter.internal.http.CarriedStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.http.HttpHeaders;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One call of an engine: what fails here is the engine's doing, unless the thread was interrupted, which says that the
 * client left.
 */
final class EngineCall implements Closeable {

    private static final int PIECE = 16 * 1024;

    private final Stage stage;
    private final Target target;
    private final Alarm alarm;
    private final Patience patience;
    private final EngineResponse answer;
    private final InputStream body;
    private final @Nullable AnswerBody carriable;
    private final long length;
    private long count;
    private byte[] held = {};
    private int heldFrom;

    private EngineCall(Stage stage, Target target, Alarm alarm, Patience patience, EngineResponse answer) {
        this.stage = stage;
        this.target = target;
        this.alarm = alarm;
        this.patience = patience;
        this.answer = answer;
        this.body = answer.body();
        this.carriable = body instanceof AnswerBody own ? own : null;
        this.length = length(answer);
    }

    private static long length(EngineResponse answer) {
        String length = Headers.first(answer.headers(), "content-length");
        boolean coded = Headers.first(answer.headers(), "transfer-encoding") != null;
        return coded || length == null ? -1 : number(length);
    }

    /** What is no number is for the transport to refuse. */
    private static long number(String text) {
        try {
            return Math.max(-1, Long.parseLong(text));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Sends a request and waits for the head of the answer; the alarm is the calling thread's. */
    static EngineCall send(Stage stage, Transport transport, EngineRequest request, Alarm alarm, Patience patience)
            throws EngineFailed, InterruptedException {
        patience.set(alarm, false);
        try {
            EngineResponse answer = transport.send(request);
            inTimeAfterAll(alarm);
            return new EngineCall(stage, request.engine(), alarm, patience, answer);
        } catch (IOException | InterruptedException e) {
            throw failure(stage, request.engine(), alarm, patience.isOver(false), e, "broke off before it answered");
        }
    }

    /** An alarm that rang while the answer came is void, and so is its interrupt. */
    private static void inTimeAfterAll(Alarm alarm) {
        if (alarm.off()) {
            Thread.interrupted();
        }
    }

    /** An engine that was told of its lateness may send one more piece before it goes: it is late all the same. */
    private static EngineFailed failure(Stage stage, Target target, Alarm alarm, boolean late, Exception e, String what)
            throws InterruptedException {
        if (alarm.off()) {
            Thread.interrupted();
            return EngineFailed.tooLate(stage, target, "did not answer in time");
        }
        if (e instanceof SocketTimeoutException) {
            return EngineFailed.tooLate(stage, target, "did not accept a connection in time");
        }
        if (e instanceof InterruptedException || e instanceof InterruptedIOException || Thread.interrupted()) {
            throw new InterruptedException("the client left");
        }
        if (e instanceof ConnectException) {
            return EngineFailed.unreachable(stage, target, e);
        }
        return late
                ? EngineFailed.tooLate(stage, target, "did not answer in time")
                : EngineFailed.broken(stage, target, what, e);
    }

    /** The same answer for another thread, whose alarm this is; nothing was read yet. */
    EngineCall passedTo(Alarm other) {
        return new EngineCall(stage, target, other, patience, answer);
    }

    Stage stage() {
        return stage;
    }

    Target target() {
        return target;
    }

    int status() {
        return answer.status();
    }

    boolean succeeded() {
        return answer.status() >= 200 && answer.status() < 300;
    }

    HttpHeaders headers() {
        return answer.headers();
    }

    /** The announced length of the body, -1 when only its end will tell. */
    long length() {
        return length;
    }

    /** How much to read at once. */
    int pieceSize() {
        return length >= 0 ? (int) Math.max(1, Math.min(length, PIECE)) : PIECE;
    }

    /** Whether the next read will not wait. */
    boolean hasMoreNow() {
        if (isHolding() || carriable != null && carriable.isEnded()) {
            return true;
        }
        try {
            return body.available() > 0;
        } catch (IOException e) {
            return true; // the next read tells what is wrong
        }
    }

    /** Whether the announced length has been read. */
    boolean isWhole() {
        return count == length && !isHolding();
    }

    /** Waits for the body to begin where that has a deadline: before the client has a byte, lateness can be answered. */
    void awaitFirstByte() throws EngineFailed, InterruptedException {
        if (patience.isForFirst() && count == 0 && length != 0) {
            byte[] piece = new byte[pieceSize()];
            int read = read(piece);
            unread(Arrays.copyOf(piece, Math.max(read, 0)));
        }
    }

    /** Puts back what was read, to be read once more. */
    void unread(byte[] bytes) {
        held = bytes;
        heldFrom = 0;
    }

    private boolean isHolding() {
        return heldFrom < held.length;
    }

    int read(byte[] piece) throws EngineFailed, InterruptedException {
        return read(piece, 0);
    }

    /** Reads into an array from a position on. */
    int read(byte[] bytes, int offset) throws EngineFailed, InterruptedException {
        if (isHolding()) {
            int read = Math.min(bytes.length - offset, held.length - heldFrom);
            System.arraycopy(held, heldFrom, bytes, offset, read);
            heldFrom += read;
            return read;
        }
        patience.set(alarm, count > 0);
        try {
            int read = body.read(bytes, offset, bytes.length - offset);
            inTimeAfterAll(alarm);
            count += Math.max(read, 0);
            return read;
        } catch (IOException e) {
            throw failure(stage, target, alarm, patience.isOver(count > 0), e, "broke off in its answer");
        }
    }

    /** Whether {@link #carry} can be called: not for what is held, nor for an answer that does not trickle. */
    boolean isCarriable() {
        return carriable != null && !isHolding() && Headers.isEventStream(answer.headers()) && carriable.isCarriable();
    }

    /**
     * Has a thread that serves many streams do the step whenever a piece has come, and waits until the step returns false
     * or the answer ends. The step reads by {@link #readNow}, as long as there is {@link #hasMoreNow more}.
     */
    void carry(CarriedStream.Step step) throws EngineFailed, ClientGone, InterruptedException {
        patience.set(alarm, true);
        try {
            Objects.requireNonNull(carriable).carry(() -> {
                boolean goOn = step.run();
                patience.set(alarm, true);
                return goOn;
            });
            inTimeAfterAll(alarm);
        } catch (ClientGone e) {
            inTimeAfterAll(alarm);
            throw e;
        } catch (IOException e) {
            throw failure(stage, target, alarm, patience.isOver(count > 0), e, "broke off in its answer");
        }
    }

    /** Reads what there is now. */
    int readNow(byte[] piece) throws IOException {
        int read = body.read(piece, 0, piece.length);
        count += Math.max(read, 0);
        return read;
    }

    /** Drops the connection unless the answer was read to its end. */
    @Override
    public void close() {
        try {
            answer.close();
        } catch (IOException e) {
            // Nobody is left to tell: the connection is gone, which is what was wanted.
        }
    }
}
