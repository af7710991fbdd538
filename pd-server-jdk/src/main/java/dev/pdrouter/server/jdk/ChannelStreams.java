package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;

/** A socket as two streams without buffers; closing either closes it. */
final class ChannelStreams {

    /** A channel copies all that it is given at each attempt, and keeps the copy's memory. */
    private static final int AT_ONCE = 64 * 1024;

    private ChannelStreams() {}

    static InputStream input(SocketChannel channel) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int count) throws IOException {
                return channel.read(ByteBuffer.wrap(bytes, offset, Math.min(count, AT_ONCE)));
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    static OutputStream output(SocketChannel channel) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int count) throws IOException {
                ByteBuffer left = ByteBuffer.wrap(bytes, offset, count);
                int end = offset + count;
                while (left.position() < end) {
                    left.limit(Math.min(end, left.position() + AT_ONCE));
                    writeSome(left, end);
                }
            }

            /** A client may leave with the last byte, and interrupt a write that has done all. */
            private void writeSome(ByteBuffer left, int end) throws IOException {
                try {
                    channel.write(left);
                } catch (ClosedByInterruptException e) {
                    if (left.position() < end) {
                        throw e;
                    }
                }
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }
}
