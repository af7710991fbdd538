package dev.pdrouter.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a peer sends over one connection, with a look ahead. */
final class WireInput extends InputStream {
    private static final int LONGEST_LINE = 1 << 20;

    private final InputStream in;
    private final byte[] buffer = new byte[16 * 1024];
    private int position;
    private int end;

    WireInput(InputStream in) {
        this.in = in;
    }

    /** Waits for the next byte without taking it; false when the peer has ended instead. */
    boolean awaitByte() throws IOException {
        if (position == end) {
            position = 0;
            end = 0; // what was read must not come again when this fails
            end = Math.max(0, in.read(buffer));
        }
        return position < end;
    }

    @Override
    public int read() throws IOException {
        return awaitByte() ? buffer[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!awaitByte()) {
            return -1;
        }
        int taken = Math.min(length, end - position);
        System.arraycopy(buffer, position, to, offset, taken);
        position += taken;
        return taken;
    }

    /** Reads a line, without the CRLF that must end it. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = read(); c != '\r'; c = read()) {
            if (c < 0) {
                throw new EOFException("the peer ended in a line");
            }
            if (c == '\n' || c == 0 || line.length() == LONGEST_LINE) {
                throw new MalformedRequest("a bare LF, a NUL or a line without end");
            }
            line.append((char) c);
        }
        if (read() != '\n') {
            throw new MalformedRequest("a CR without LF");
        }
        return line.toString();
    }

    /** Reads header lines up to the empty one. */
    List<HeaderField> fields() throws IOException {
        List<HeaderField> fields = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            if (colon < 1 || !line.substring(0, colon).matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
                throw new MalformedRequest("not a header: " + line);
            }
            String value = line.substring(colon + 1).strip();
            fields.add(new HeaderField(
                    line.substring(0, colon),
                    new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)));
        }
        return fields;
    }
}
