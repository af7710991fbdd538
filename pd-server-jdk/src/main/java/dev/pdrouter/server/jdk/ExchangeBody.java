package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The client's body, whose end is an end only when all of it came. */
final class ExchangeBody extends InputStream {

    private final InputStream in;
    private final boolean chunked;
    private final ReentrantLock reading = new ReentrantLock();
    private long left;
    private volatile boolean ended;
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
        return ended;
    }

    /**
     * Keeps every other thread from reading: an upload that an early answer left behind may still wait for the client.
     *
     * @param timeout how long to wait for a read to end
     * @return whether nobody else reads any more
     */
    boolean stopReading(Duration timeout) {
        try {
            return reading.tryLock(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
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
                throw (IOException) new ProtocolException("the chunked coding is malformed").initCause(e);
            }
            throw e;
        }
        if (read < 0 && !chunked) {
            throw new EOFException("the client's body ended early");
        }
        left -= chunked ? 0 : read;
        ended = read < 0 || left == 0;
        return read;
    }
}
