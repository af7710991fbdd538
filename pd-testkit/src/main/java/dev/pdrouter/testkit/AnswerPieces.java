package dev.pdrouter.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** An answer that is sent piece by piece; it is whole only after {@link #end}. */
public final class AnswerPieces {
    private final EngineConnection connection;
    private final boolean chunked;
    private final Runnable atEnd;

    AnswerPieces(EngineConnection connection, boolean chunked, Runnable atEnd) {
        this.connection = connection;
        this.chunked = chunked;
        this.atEnd = atEnd;
    }

    /**
     * Sends a piece at once, as one chunk; waits while the peer does not read.
     *
     * @param piece not empty
     * @throws IOException when the peer is gone
     */
    public void send(byte[] piece) throws IOException {
        if (!chunked) {
            connection.write(piece);
            return;
        }
        ByteArrayOutputStream chunk = new ByteArrayOutputStream(piece.length + 16);
        chunk.writeBytes((Integer.toHexString(piece.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        chunk.writeBytes(piece);
        chunk.writeBytes(new byte[] {'\r', '\n'});
        connection.write(chunk.toByteArray());
    }

    /**
     * Sends a piece of text.
     *
     * @param piece not empty, sent in UTF-8
     * @throws IOException when the peer is gone
     */
    public void send(String piece) throws IOException {
        send(piece.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Ends the answer in order; the connection can serve the next request.
     *
     * @throws IOException when the peer is gone
     */
    public void end() throws IOException {
        if (chunked) {
            connection.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        atEnd.run();
    }
}
