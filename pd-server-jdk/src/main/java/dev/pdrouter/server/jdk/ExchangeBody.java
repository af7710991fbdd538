package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The client's body, whose end is an end only when all of it came. */
final class ExchangeBody extends InputStream {

    private final InputStream in;
    private final boolean chunked;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile long left;
    private volatile boolean ended;
    private volatile boolean broken;
    private ClientWatch.@Nullable Watched client;

    ExchangeBody(HttpExchange exchange) {
        this.in = exchange.getRequestBody();
        this.chunked = exchange.getRequestHeaders().containsKey("Transfer-Encoding");
        this.left =
                chunked ? Long.MAX_VALUE : length(exchange.getRequestHeaders().getFirst("Content-Length"));
        this.ended = left == 0;
    }

    /** The server has refused what is no number; it reads what has a sign, which the router then refuses. */
    private static long length(@Nullable String text) {
        try {
            return text == null ? 0 : Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Tells a coding that cannot be read from a client that left. */
    void watchedBy(ClientWatch.Watched watched) {
        client = watched;
    }

    /** Whether nothing is left to read. */
    boolean isAtEnd() {
        return ended && !broken;
    }

    /** Whether so much is announced to come still. */
    boolean hasMoreThan(long bytes) {
        return !chunked && left > bytes;
    }

    /** Whether more than so much may come still. */
    boolean mayExceed(long bytes) {
        return left > bytes;
    }

    /** Whether the coding was malformed, so that nobody knows where the next request begins. */
    boolean isBroken() {
        return broken;
    }

    /**
     * Keeps every other thread from reading: an upload that an early answer left behind may still wait for the client.
     *
     * @return false when one does
     */
    boolean stopReading() {
        return reading.tryLock();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        reading.lock();
        try {
            return ended ? -1 : readAlone(bytes, offset, count);
        } finally {
            reading.unlock();
        }
    }

    private int readAlone(byte[] bytes, int offset, int count) throws IOException {
        int read;
        try {
            read = in.read(bytes, offset, count);
        } catch (IOException e) {
            if (chunked && client != null && !client.isGone()) {
                broken = true;
                throw (IOException) new ProtocolException("the chunked coding is malformed").initCause(e);
            }
            throw e;
        }
        if (read < 0 && !chunked) {
            throw new EOFException("the client's body ended early");
        }
        left -= chunked ? 0 : read;
        ended = read < 0 || left == 0;
        if (left == 0) {
            in.read(bytes, offset, 0); // the server learns of the end, and will not look for more
        }
        return read;
    }
}
