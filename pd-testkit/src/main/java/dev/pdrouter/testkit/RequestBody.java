package dev.pdrouter.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The body of a request, without its transfer coding. */
final class RequestBody extends InputStream {
    private final WireInput in;
    private final boolean chunked;
    private final Runnable atFirstRead;
    private final Runnable atEnd;
    private long left;
    private boolean begun;
    private volatile boolean ended;
    private volatile boolean broken;

    /**
     * Finds where the body ends.
     *
     * @param atFirstRead is told when the body is wanted, which is when {@code 100 Continue} is due
     * @param atEnd is told when nothing of the body is to come any more
     */
    RequestBody(WireInput in, RequestHead head, Runnable atFirstRead, Runnable atEnd) {
        this.in = in;
        this.atFirstRead = atFirstRead;
        this.atEnd = atEnd;
        chunked = head.header("Transfer-Encoding").isPresent();
        left = head.header("Content-Length").map(Long::parseLong).orElse(0L);
        if (!chunked && left == 0) {
            begun = true;
            end();
        }
    }

    boolean isEnded() {
        return ended;
    }

    /** Whether the peer left in the middle. */
    boolean isBroken() {
        return broken;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        try {
            return length == 0 ? 0 : readSome(to, offset, length);
        } catch (IOException e) {
            broken = true;
            atEnd.run();
            throw e;
        }
    }

    private int readSome(byte[] to, int offset, int length) throws IOException {
        if (!begun) {
            begun = true;
            atFirstRead.run();
            nextChunk();
        }
        if (ended) {
            return -1;
        }
        int taken = in.read(to, offset, (int) Math.min(length, left));
        if (taken < 0) {
            throw new EOFException("the peer ended in the middle of its body");
        }
        left -= taken;
        if (left == 0) {
            afterChunk();
        }
        return taken;
    }

    private void nextChunk() throws IOException {
        if (!chunked) {
            return;
        }
        String size = in.line().split(";", 2)[0].strip();
        if (!size.matches("[0-9A-Fa-f]{1,15}")) {
            throw new MalformedRequest("not the size of a chunk");
        }
        left = Long.parseLong(size, 16);
        if (left == 0) {
            in.fields();
            end();
        }
    }

    private void afterChunk() throws IOException {
        if (!chunked) {
            end();
        } else if (!in.line().isEmpty()) {
            throw new MalformedRequest("a chunk longer than it says");
        } else {
            nextChunk();
        }
    }

    private void end() {
        ended = true;
        atEnd.run();
    }
}
