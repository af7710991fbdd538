package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a client is sent, with two things put right: what the JDK's server answers by itself, in HTML, to a head that it
 * does not take, and the {@code Date} of an answer, which is the engine's where the engine has told one (RFC 9110 section
 * 6.6.1). The server writes each of these, and every head, as one piece.
 */
final class ClientOutput extends OutputStream {

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATE = "\r\nDate: ".getBytes(StandardCharsets.US_ASCII);

    private final OutputStream out;
    private final ClientInput in;
    private final SocketChannel client;
    private byte @Nullable [] date;
    private boolean refused;

    /**
     * An output.
     *
     * @param out buffered, and goes to the client
     * @param in what the same client sends
     * @param client its socket
     */
    ClientOutput(OutputStream out, ClientInput in, SocketChannel client) {
        this.out = out;
        this.in = in;
        this.client = client;
    }

    /** The date of the answer whose head is written next; one that is no header's value is left out. */
    void dateNext(String value) {
        date = value.chars().allMatch(c -> c >= ' ' && c < 0x7f) ? value.getBytes(StandardCharsets.US_ASCII) : null;
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        if (in.isInHead()) {
            writeOfServer(new String(bytes, offset, count, StandardCharsets.ISO_8859_1));
        } else if (date != null) {
            writeDated(bytes, offset, count, date);
        } else {
            out.write(bytes, offset, count);
        }
    }

    private void writeOfServer(String answer) throws IOException {
        if (answer.startsWith("HTTP/1.1 100 ")) {
            out.write(CONTINUE);
        } else {
            refused = true;
            out.write(RefusedHead.json(answer, in));
        }
    }

    private void writeDated(byte[] head, int offset, int count, byte[] value) throws IOException {
        date = null;
        int from = indexOfDate(head, offset, offset + count);
        if (from < 0) {
            out.write(head, offset, count);
            return;
        }
        int to = from;
        while (head[to] != '\r') {
            to++;
        }
        out.write(head, offset, from - offset);
        out.write(value);
        out.write(head, to, offset + count - to);
    }

    private static int indexOfDate(byte[] head, int from, int to) {
        for (int i = from; i < to - DATE.length; i++) {
            if (head[i] == '\r' && Arrays.equals(head, i, i + DATE.length, DATE, 0, DATE.length)) {
                return i + DATE.length;
            }
        }
        return -1;
    }

    /** After a refusal the server closes at once; the client may still be sending, and is to see why. */
    @Override
    public void flush() throws IOException {
        out.flush();
        if (refused) {
            LingeringClose.await(client);
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
