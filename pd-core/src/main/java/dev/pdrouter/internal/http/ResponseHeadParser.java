package dev.pdrouter.internal.http;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Reads one head of an answer, line by line, from where the connection's bytes are. */
final class ResponseHeadParser {

    private final InputBuffer input;
    private int left;
    private int start;
    private int end;

    /** A parser that refuses a head of more bytes than are left. */
    ResponseHeadParser(InputBuffer input, int left) {
        this.input = input;
        this.left = left;
    }

    int left() {
        return left;
    }

    ResponseHead parse() throws IOException {
        nextLine();
        boolean http11 = isHttp11();
        int status = status();
        HeaderLines lines = new HeaderLines();
        Framing framing = new Framing();
        for (nextLine(); start < end; nextLine()) {
            int colon = colon();
            String name = text(start, colon);
            String value = value(colon + 1);
            framing.see(name, value);
            lines.add(name, Framing.isLength(name) ? String.valueOf(framing.length()) : value);
        }
        return new ResponseHead(
                status, lines.toHttpHeaders(), framing.isPersistent(http11), framing.isChunked(), framing.length());
    }

    /** Finds the next line, without its end. Waiting for more moves what is there, so a line is used before the next. */
    private void nextLine() throws IOException {
        int scanned = 0;
        while (true) {
            byte[] bytes = input.bytes;
            for (int i = input.position + scanned; i < input.limit; i++) {
                if (bytes[i] == '\n') {
                    take(i);
                    return;
                }
            }
            scanned = input.available();
            if (scanned > left) {
                throw tooLarge();
            }
            if (!input.fill()) {
                throw new EOFException("the connection was closed within the head of the answer");
            }
        }
    }

    private void take(int lineFeed) throws IOException {
        start = input.position;
        end = lineFeed > start && input.bytes[lineFeed - 1] == '\r' ? lineFeed - 1 : lineFeed;
        input.position = lineFeed + 1;
        left -= input.position - start;
        if (left < 0) {
            throw tooLarge();
        }
    }

    private static IOException tooLarge() {
        return new IOException("the head of the answer is too large");
    }

    private static IOException malformed(String what) {
        return new IOException("the answer is no HTTP: " + what);
    }

    private boolean isHttp11() throws IOException {
        byte[] b = input.bytes;
        boolean http = end - start >= 12
                && b[start] == 'H'
                && b[start + 1] == 'T'
                && b[start + 2] == 'T'
                && b[start + 3] == 'P'
                && b[start + 4] == '/'
                && b[start + 5] == '1'
                && b[start + 6] == '.'
                && (b[start + 7] == '0' || b[start + 7] == '1')
                && b[start + 8] == ' '
                && (end - start == 12 || b[start + 12] == ' ');
        if (!http) {
            throw malformed("its first line is no status line of HTTP/1.0 or HTTP/1.1");
        }
        return b[start + 7] == '1';
    }

    private int status() throws IOException {
        int status = 0;
        for (int i = start + 9; i < start + 12; i++) {
            int digit = input.bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                throw malformed("its status is no number");
            }
            status = status * 10 + digit;
        }
        if (status < 100 || status > 599) {
            throw malformed("its status is out of range");
        }
        return status;
    }

    /** A line that goes on in the next one (obs-fold) begins with a blank, and is refused here. */
    private int colon() throws IOException {
        byte[] bytes = input.bytes;
        int i = start;
        while (i < end && RequestHead.isToken(bytes[i])) {
            i++;
        }
        if (i == start || i == end || bytes[i] != ':') {
            throw malformed("a header line does not begin with a name and a colon");
        }
        return i;
    }

    private String value(int from) throws IOException {
        byte[] bytes = input.bytes;
        int first = from;
        int last = end;
        while (first < last && isBlank(bytes[first])) {
            first++;
        }
        while (last > first && isBlank(bytes[last - 1])) {
            last--;
        }
        for (int i = first; i < last; i++) {
            if (bytes[i] == '\r' || bytes[i] == 0) {
                throw malformed("a header's value holds control characters");
            }
        }
        return text(first, last);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private String text(int from, int to) {
        return new String(input.bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
