package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client sends, watched while the JDK's server reads it, which takes for a request what other servers take for
 * another one: that is how requests are smuggled past a proxy (RFC 9112 sections 2.2, 5.2, 7.1 and 11.2).
 *
 * <p>The server reads heads and the framing of chunks byte by byte, and everything else in pieces; so single bytes before
 * the handler is called are the head's, and later ones are framing. A head ends at its first fault, which is kept for
 * whoever answers; a fault of the framing fails the read. Used by one thread at a time.
 */
final class ClientInput extends InputStream {

    private static final int SIZE = 8 * 1024;
    private static final int DELETE = 0x7f;
    private static final int NONE = 'x';
    private static final int NO_SIZE = -1;

    /** Stands for the byte that is a fault, so that no line is empty which the server would pass over. */
    private static final int FAULTY = '?';

    private final InputStream source;
    private final byte[] buffer = new byte[SIZE];
    private int at;
    private int end;
    private int head;
    private boolean inHead;
    private int before = NONE;
    private long chunk;
    private @Nullable String fault;

    /** The bytes of the client, of which whoever reads from the result leaves none behind that it is not asked for. */
    ClientInput(InputStream source) {
        this.source = source;
    }

    /** The next byte is the first of a request. */
    void beginHead() {
        if (at == end) {
            at = 0;
            end = 0;
        }
        head = at;
        inHead = true;
        before = NONE;
        fault = null;
    }

    /** The head was read: returns what is wrong with it. */
    Optional<String> endHead() {
        inHead = false;
        before = NONE;
        chunk = 0;
        return fault();
    }

    /** What is wrong with the head, as far as it was read. */
    Optional<String> fault() {
        return Optional.ofNullable(fault);
    }

    /** Whether {@link #endHead} has not been called for this request. */
    boolean isInHead() {
        return inHead;
    }

    /** The first line, as far as it came, of a head of which no byte was overwritten; else nothing. */
    String requestLine() {
        return head < 0
                ? ""
                : new String(buffer, head, at - head, StandardCharsets.ISO_8859_1)
                        .strip()
                        .lines()
                        .findFirst()
                        .orElse("");
    }

    @Override
    public int read() throws IOException {
        if (inHead && fault != null) {
            before = before == '\r' ? '\n' : '\r';
            return before;
        }
        if (at == end && !fill()) {
            return -1;
        }
        int c = buffer[at++] & 0xff;
        if (!inHead) {
            checkFraming(c);
        } else if (c < ' ' || c == DELETE || before <= '\r') {
            fault = faultOf(c);
        }
        before = fault == null ? c : FAULTY;
        return before;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        before = NONE;
        if (at == end) {
            if (count >= SIZE) {
                return source.read(bytes, offset, count);
            }
            if (count > 0 && !fill()) {
                return -1;
            }
        }
        int read = Math.min(count, end - at);
        System.arraycopy(buffer, at, bytes, offset, read);
        at += read;
        return read;
    }

    private boolean fill() throws IOException {
        if (!inHead || end == SIZE) {
            at = 0;
            end = 0;
            head = -1;
        }
        int read = source.read(buffer, end, SIZE - end);
        end += Math.max(0, read);
        return read > 0;
    }

    private @Nullable String faultOf(int c) {
        if (isHalfALineEnd(c)) {
            return "a line of the head ends in CR or LF alone";
        }
        if (before == '\n' && (c == ' ' || c == '\t')) {
            return "a header is folded";
        }
        boolean control = c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == DELETE;
        return control ? "a header has a control character in its value" : null;
    }

    /** The server counts in 32 bits, and passes over a CR in a size. */
    private void checkFraming(int c) throws IOException {
        if (isHalfALineEnd(c)) {
            throw new ProtocolException("a line of the chunked coding ends in CR or LF alone");
        }
        if (c == '\n') {
            chunk = 0;
        } else if (chunk != NO_SIZE) {
            int digit = Character.digit(c, 16);
            chunk = digit < 0 ? NO_SIZE : chunk * 16 + digit;
            if (chunk > Integer.MAX_VALUE) {
                throw new ProtocolException("a chunk is too large");
            }
        }
    }

    private boolean isHalfALineEnd(int c) {
        return (c == '\n') != (before == '\r');
    }

    @Override
    public int available() throws IOException {
        return end - at + Math.max(0, source.available());
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
