package dev.pdrouter.internal;

import dev.pdrouter.PdException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.http.HttpHeaders;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The client's body: what fails here is the client's doing, and one that stalls is given up.
 *
 * <p>Its alarm cannot just interrupt the reader: servers read from sockets that an interrupt closes, and the client is
 * owed a 408. So the alarm's ring answers first.
 */
final class ClientBody extends InputStream {

    private final InputStream in;
    private final Alarm alarm;
    private final Duration patience;
    private final long length;
    private volatile @Nullable ClientGone failure;
    private volatile boolean reading;

    ClientBody(InputStream in, HttpHeaders headers, Alarm alarm, Duration patience) throws PdException {
        this.in = in;
        this.alarm = alarm;
        this.patience = patience;
        this.length = length(headers);
    }

    private static long length(HttpHeaders headers) throws PdException {
        if (Headers.first(headers, "transfer-encoding") != null) {
            return -1;
        }
        String header = Headers.first(headers, "content-length");
        String text = header == null ? "0" : header.strip();
        if (!isNumber(text)) {
            throw PdException.Rejected.badRequest("Content-Length is not a number");
        }
        return Long.parseLong(text);
    }

    private static boolean isNumber(String text) {
        boolean number = !text.isEmpty() && text.length() <= 18;
        for (int i = 0; i < text.length(); i++) {
            number &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        return number;
    }

    /** Whether a thread waits for the client, which an interrupt would part from its connection. */
    boolean isReading() {
        return reading;
    }

    /** Bytes, or -1 when only the end will tell. */
    long length() {
        return length;
    }

    /**
     * Ends the request if reading the body failed, which then is why an engine's request did.
     *
     * @throws PdException a 400 when the body cannot be decoded
     * @throws ClientGone when the client left, or has been told that it is too slow
     */
    void throwIfFailed() throws PdException, ClientGone {
        ClientGone why = failure;
        if (why != null && why.getCause() instanceof ProtocolException) {
            throw PdException.Rejected.badRequest("the body cannot be decoded");
        }
        if (why != null) {
            throw why;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        alarm.in(patience);
        reading = true;
        try {
            return in.read(bytes, offset, count);
        } catch (IOException e) {
            throw failed("the client's body broke off", e);
        } finally {
            reading = false;
            if (alarm.off()) {
                throw failed("the client's body stalled", null);
            }
        }
    }

    private ClientGone failed(String what, @Nullable IOException cause) {
        ClientGone why = new ClientGone(what, cause);
        failure = why;
        return why;
    }

    /** Reads all of it into the request's share of the memory. */
    byte[] readWhole(long max, BodyMemory.Share memory) throws IOException, PdException {
        long limit = Math.min(max, memory.limit());
        if (length > limit) {
            throw tooLarge(limit);
        }
        memory.requireRoomFor(Math.max(length, 0));
        WholeBody whole = new WholeBody(memory, length);
        while (whole.count() != length) {
            byte[] segment = whole.segment();
            int read = readOrRefuse(segment, whole.offset());
            if (read < 0) {
                break;
            }
            if (whole.count() + (long) read > limit) {
                throw tooLarge(limit);
            }
            whole.added(read);
        }
        return whole.bytes();
    }

    private int readOrRefuse(byte[] bytes, int offset) throws IOException, PdException {
        try {
            return read(bytes, offset, bytes.length - offset);
        } catch (ClientGone e) {
            throwIfFailed();
            throw e;
        }
    }

    private static PdException tooLarge(long max) {
        return PdException.Rejected.tooLarge("the body is larger than " + max + " bytes");
    }
}
