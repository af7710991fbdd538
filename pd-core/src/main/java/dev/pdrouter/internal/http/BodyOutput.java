package dev.pdrouter.internal.http;

import dev.pdrouter.Body;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way of a request's body to its engine.
 *
 * <p>Short pieces leave with the head that is in the connection's buffer; from the first long one on all that follows fills
 * one write after the other, where the connection has a channel. What is read while it is sent leaves piece by piece.
 */
final class BodyOutput extends OutputStream {

    private static final int TOGETHER = 16 * 1024;

    private final Connection connection;
    private final SendBuffer buffer;
    private final long length;
    private final boolean prompt;
    private final boolean lookFirst;
    private @Nullable ByteBuffer staged;
    private long written;
    private volatile @Nullable IOException failure;
    private volatile boolean whole;

    /**
     * A way for one body.
     *
     * @param lookFirst to keep the last byte back until the connection was seen not to have been closed
     */
    BodyOutput(Connection connection, Body body, boolean lookFirst) {
        this.connection = connection;
        this.buffer = connection.outgoing();
        this.length = body.length();
        this.prompt = !body.isRepeatable();
        this.lookFirst = lookFirst;
    }

    /** @return why the engine could not be sent all; when it is null, a failure was the source's */
    @Nullable
    IOException failure() {
        return failure;
    }

    /** @return whether the engine may have got the whole request */
    boolean isWhole() {
        return whole;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        written += len;
        if (length < 0) {
            writeChunks(b, off, len);
        } else if (written > length) {
            throw new RequestBodyException("the request's body is longer than its length");
        } else {
            int last = lookFirst && written == length && len > 0 ? 1 : 0;
            writePiece(b, off, len - last);
            buffer.write(b, off + len - last, last);
            if (staged != null && written == length) {
                // Here, where a failure is one of the body's writing: whoever wrote it is to know whether it is out.
                whole = !lookFirst;
                finishStaged();
            }
        }
    }

    private void writePiece(byte[] b, int off, int len) throws IOException {
        boolean together = !prompt && len <= TOGETHER;
        if (staged != null) {
            stage(staged, b, off, len);
        } else if (together && buffer.size() + len <= TOGETHER) {
            buffer.write(b, off, len);
        } else if (!prompt && !together && begunStaging()) {
            stage(Objects.requireNonNull(staged), b, off, len);
        } else {
            sendAllBut(0);
            if (together) {
                buffer.write(b, off, len);
            } else {
                send(b, off, len);
            }
        }
    }

    private boolean begunStaging() {
        ByteBuffer lent = connection.channel() != null && buffer.size() <= TOGETHER ? Staging.take() : null;
        if (lent == null) {
            return false;
        }
        staged = lent.put(buffer.bytes(), 0, buffer.size());
        buffer.keepLast(0);
        return true;
    }

    /** Sends nothing more. */
    @Override
    public void close() {
        ByteBuffer lent = staged;
        if (lent != null) {
            staged = null;
            Staging.giveBack(lent);
        }
    }

    private void stage(ByteBuffer to, byte[] b, int off, int len) throws IOException {
        for (int done = 0; done < len; ) {
            int size = Math.min(len - done, to.remaining());
            to.put(b, off + done, size);
            done += size;
            if (!to.hasRemaining()) {
                sendStaged(to);
                if (to.hasRemaining()) {
                    // The engine is slower than we are, so the memory goes to somebody else.
                    int again = Math.min(to.remaining(), done);
                    unstage(to, to.remaining() - again);
                    send(b, off + done - again, len - done + again);
                    return;
                }
                to.clear();
            }
        }
    }

    /** Gives the memory back, and sends the first of the bytes in it. */
    private void unstage(ByteBuffer from, int count) throws IOException {
        byte[] first = new byte[count];
        from.get(first);
        staged = null;
        Staging.giveBack(from);
        if (count > 0) {
            send(first, 0, count);
        }
    }

    private void writeChunks(byte[] b, int off, int len) throws IOException {
        for (int done = 0; done < len; ) {
            int size = Math.min(len - done, TOGETHER);
            buffer.write(Integer.toHexString(size));
            buffer.write("\r\n");
            buffer.write(b, off + done, size);
            buffer.write("\r\n");
            sendAllBut(0);
            done += size;
        }
    }

    /** Sends what is left, and with it that the body is whole. */
    void finish() throws IOException {
        if (written < length) {
            throw new RequestBodyException("the request's body ended before its length");
        }
        if (length < 0) {
            buffer.write("0\r\n\r\n");
        }
        if (lookFirst) {
            sendAllBut(1);
            if (connection.isEnded()) {
                throw failed(new StaleConnectionException(null));
            }
        }
        whole = true;
        sendAllBut(0);
    }

    private void finishStaged() throws IOException {
        if (staged != null) {
            sendStaged(staged);
            unstage(staged, staged.remaining());
        }
    }

    private void sendStaged(ByteBuffer bytes) throws IOException {
        try {
            connection.write(bytes.flip());
        } catch (IOException e) {
            staged = null;
            Staging.giveBack(bytes);
            throw failed(e);
        }
    }

    /** Sends what the buffer holds, but for the last bytes. */
    void sendAllBut(int count) throws IOException {
        if (buffer.size() > count) {
            send(buffer.bytes(), 0, buffer.size() - count);
            buffer.keepLast(count);
        }
    }

    private void send(byte[] b, int off, int len) throws IOException {
        try {
            connection.write(b, off, len);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private IOException failed(IOException e) {
        failure = e;
        return e;
    }
}
