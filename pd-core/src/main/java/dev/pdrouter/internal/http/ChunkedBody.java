package dev.pdrouter.internal.http;

import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A body in chunks (RFC 9112 7.1). Extensions and trailers are dropped. What stands before a mistake is still read. */
final class ChunkedBody extends AnswerBody {

    private static final int DROPPED_LIMIT = 64 * 1024;

    private enum Expect {
        FIRST_DIGIT,
        SIZE,
        EXTENSION,
        SIZE_END,
        DATA,
        DATA_END,
        DATA_LINE_FEED,
        TRAILER,
        TRAILER_LINE,
        LAST_LINE_FEED,
        NOTHING,
        MISTAKE
    }

    private final InputBuffer input;
    private Expect expect = Expect.FIRST_DIGIT;
    private long left;
    private int dropped;
    private @Nullable IOException mistake;

    ChunkedBody(Call call, ResponseHead head) throws IOException {
        super(call, head.persistent());
        this.input = call.input();
        readFraming();
        throwMistake();
    }

    @Override
    int decode(byte[] b, int off, int len) throws IOException {
        while (true) {
            int count = takeBuffered(b, off, len);
            if (count > 0) {
                return count;
            }
            throwMistake();
            if (expect == Expect.NOTHING) {
                return -1;
            }
            if (expect == Expect.DATA) {
                int direct = input.read(b, off, (int) Math.min(len, left));
                if (direct < 0) {
                    throw brokenOff();
                }
                took(direct);
                readFraming();
                return direct + takeBuffered(b, off + direct, len - direct);
            }
            if (!input.fill()) {
                throw brokenOff();
            }
            readFraming();
        }
    }

    private int takeBuffered(byte[] b, int off, int len) throws IOException {
        int count = 0;
        while (expect == Expect.DATA && count < len && input.available() > 0) {
            int size = input.read(b, off + count, (int) Math.min(len - count, left));
            count += size;
            took(size);
            readFraming();
        }
        return count;
    }

    private void took(int count) {
        left -= count;
        if (left == 0) {
            expect = Expect.DATA_END;
        }
    }

    private static IOException brokenOff() {
        return new EOFException("the connection was closed within the body of the answer");
    }

    /** Goes on to data, to the end of what is buffered, or to a mistake. */
    private void readFraming() {
        try {
            while (isFraming() && input.position < input.limit) {
                expect = after(input.bytes[input.position++]);
            }
        } catch (IOException e) {
            mistake = e;
            expect = Expect.MISTAKE;
        }
        if (expect == Expect.NOTHING) {
            ended();
        }
    }

    private boolean isFraming() {
        return expect != Expect.DATA && expect != Expect.NOTHING && expect != Expect.MISTAKE;
    }

    private void throwMistake() throws IOException {
        if (mistake != null) {
            throw mistake;
        }
    }

    private Expect after(byte b) throws IOException {
        return switch (expect) {
            case FIRST_DIGIT -> addDigit(b);
            case SIZE ->
                switch (b) {
                    case '\r' -> Expect.SIZE_END;
                    case '\n' -> chunkBegins();
                    case ';', ' ', '\t' -> Expect.EXTENSION;
                    default -> addDigit(b);
                };
            case EXTENSION ->
                switch (b) {
                    case '\n' -> chunkBegins();
                    default -> drop(Expect.EXTENSION);
                };
            case SIZE_END -> {
                require(b == '\n');
                yield chunkBegins();
            }
            case DATA_END -> {
                require(b == '\r' || b == '\n');
                yield b == '\r' ? Expect.DATA_LINE_FEED : Expect.FIRST_DIGIT;
            }
            case DATA_LINE_FEED -> {
                require(b == '\n');
                yield Expect.FIRST_DIGIT;
            }
            case TRAILER ->
                switch (b) {
                    case '\r' -> Expect.LAST_LINE_FEED;
                    case '\n' -> Expect.NOTHING;
                    default -> drop(Expect.TRAILER_LINE);
                };
            case TRAILER_LINE -> b == '\n' ? Expect.TRAILER : drop(Expect.TRAILER_LINE);
            case LAST_LINE_FEED -> {
                require(b == '\n');
                yield Expect.NOTHING;
            }
            case DATA, NOTHING, MISTAKE -> throw new IllegalStateException();
        };
    }

    private Expect addDigit(byte b) throws IOException {
        int digit = Character.digit(b, 16);
        require(digit >= 0 && left <= Long.MAX_VALUE >> 8);
        left = left << 4 | digit;
        return Expect.SIZE;
    }

    private Expect chunkBegins() {
        dropped = 0;
        return left == 0 ? Expect.TRAILER : Expect.DATA;
    }

    /** Bounded, or an engine could keep a reader busy forever without a byte of data. */
    private Expect drop(Expect next) throws IOException {
        if (++dropped > DROPPED_LIMIT) {
            throw new IOException("the answer's chunk extensions or trailers are too long");
        }
        return next;
    }

    private static void require(boolean wellFormed) throws IOException {
        if (!wellFormed) {
            throw new IOException("the answer's chunks are malformed");
        }
    }

    @Override
    void arrived() {
        readFraming();
    }

    @Override
    boolean goesOn() {
        return mistake == null;
    }

    @Override
    int decodable() {
        return expect == Expect.DATA ? (int) Math.min(left, input.available()) : 0;
    }
}
