package dev.pdrouter.internal.http;

import dev.pdrouter.Body;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The way of a request's body to its engine.
 *
 * <p>Short pieces leave with the head that is in the connection's buffer; long ones are written as they are. What is
 * read while it is sent leaves piece by piece.
 */
final class BodyOutput extends OutputStream {

    private static final int TOGETHER = 16 * 1024;

    private final Connection connection;
    private final SendBuffer buffer;
    private final long length;
    private final boolean prompt;
    private final boolean lookFirst;
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
        }
    }

    private void writePiece(byte[] b, int off, int len) throws IOException {
        boolean together = !prompt && len <= TOGETHER;
        if (!together || buffer.size() + len > TOGETHER) {
            sendAllBut(0);
        }
        if (together) {
            buffer.write(b, off, len);
        } else {
            send(b, off, len);
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
