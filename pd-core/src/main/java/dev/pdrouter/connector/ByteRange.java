package dev.pdrouter.connector;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/** A part of an array that nobody writes to any more. */
record ByteRange(byte[] bytes, int from, int to) {

    /** Below this, one more copy is cheaper than one more write to a socket. */
    private static final int SMALL = 8192;

    static ByteRange of(byte[] bytes) {
        return new ByteRange(bytes, 0, bytes.length);
    }

    int length() {
        return to - from;
    }

    byte firstByte() {
        return bytes[from];
    }

    /** As {@link JsonBody#firstByteInArray}, of a value. */
    byte firstByteInArray() {
        if (bytes[from] != '[') {
            return 0;
        }
        JsonScanner scanner = new JsonScanner(bytes, from + 1, to);
        scanner.skipBlanks();
        return bytes[scanner.position()];
    }

    static long length(List<ByteRange> ranges) {
        long length = 0;
        for (int i = 0; i < ranges.size(); i++) {
            length += ranges.get(i).length();
        }
        return length;
    }

    /** Writes small neighbours together and large ranges from where they are. */
    static void write(List<ByteRange> ranges, OutputStream out) throws IOException {
        if (ranges.size() == 1) {
            ranges.getFirst().write(out);
            return;
        }
        byte[] buffer = new byte[(int) Math.min(SMALL, length(ranges))];
        int used = 0;
        for (ByteRange range : ranges) {
            if (used > 0 && range.length() > buffer.length - used) {
                out.write(buffer, 0, used);
                buffer = new byte[buffer.length]; // a transport may still hold what was written
                used = 0;
            }
            if (range.length() > buffer.length) {
                range.write(out);
            } else {
                System.arraycopy(range.bytes, range.from, buffer, used, range.length());
                used += range.length();
            }
        }
        if (used > 0) {
            out.write(buffer, 0, used);
        }
    }

    private void write(OutputStream out) throws IOException {
        out.write(bytes, from, length());
    }

    /** The ranges as one, copied only when they are several. */
    static ByteRange whole(List<ByteRange> ranges) {
        return ranges.size() == 1 ? ranges.getFirst() : of(copy(ranges));
    }

    static byte[] copy(List<ByteRange> ranges) {
        if (ranges.size() == 1) {
            ByteRange range = ranges.getFirst();
            return Arrays.copyOfRange(range.bytes, range.from, range.to);
        }
        ByteArrayOutputStream copy = new ByteArrayOutputStream(Math.toIntExact(length(ranges)));
        try {
            write(ranges, copy);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return copy.toByteArray();
    }
}
