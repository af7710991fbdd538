package dev.pdrouter.internal.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/** What came from an engine and was not used yet: from {@code position} to {@code limit}. */
final class InputBuffer {

    private static final int SIZE = 8 * 1024;

    private final Connection connection;
    byte[] bytes = new byte[SIZE];
    int position;
    int limit;

    InputBuffer(Connection connection) {
        this.connection = connection;
    }

    int available() {
        return limit - position;
    }

    void clear() {
        position = 0;
        limit = 0;
        if (bytes.length > SIZE) {
            bytes = new byte[SIZE];
        }
    }

    /** Waits for more, which moves what is here to the front. @return false when the engine has closed its side */
    boolean fill() throws IOException {
        makeRoom();
        return received(connection.read(bytes, limit, bytes.length - limit));
    }

    boolean fill(InputStream in) throws IOException {
        makeRoom();
        return received(in.read(bytes, limit, bytes.length - limit));
    }

    /** Takes what a channel has now, without waiting. @return false when the engine has closed its side */
    boolean fill(SocketChannel nonBlocking) throws IOException {
        makeRoom();
        return received(nonBlocking.read(ByteBuffer.wrap(bytes, limit, bytes.length - limit)));
    }

    /** Reads what is here, or waits; a large read goes past the buffer. @return -1 at the end */
    int read(byte[] b, int off, int len) throws IOException {
        if (position == limit) {
            if (len >= SIZE) {
                return connection.read(b, off, len);
            }
            if (!fill()) {
                return -1;
            }
        }
        int count = Math.min(len, limit - position);
        System.arraycopy(bytes, position, b, off, count);
        position += count;
        return count;
    }

    private boolean received(int count) {
        limit += Math.max(count, 0);
        return count >= 0;
    }

    private void makeRoom() {
        if (position > 0) {
            System.arraycopy(bytes, position, bytes, 0, limit - position);
            limit -= position;
            position = 0;
        }
        if (limit == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * limit);
        }
    }
}
