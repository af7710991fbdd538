package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * The end of a connection whose client may still be sending, so that the last answer on it arrives: closing it with bytes
 * unread would reset it, and the client's system would throw away what it has not read yet (RFC 9112, section 9.6).
 */
final class LingeringClose {

    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final int PIECE = 16 * 1024;

    private LingeringClose() {}

    /** Sends the end of our side and reads until the client's, for a few seconds; then the caller closes. */
    static void await(SocketChannel client) {
        Interruption limit = Interruption.in(LONGEST);
        try {
            client.shutdownOutput();
            ByteBuffer dropped = ByteBuffer.allocate(PIECE);
            while (client.read(dropped) >= 0) {
                dropped.clear();
            }
        } catch (IOException e) {
            // Gone, or too slow: either way there is nothing more to be done for it.
        } finally {
            limit.close();
        }
    }
}
