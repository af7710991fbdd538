package dev.pdrouter.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * A stream of server-sent events on its way to the client, with the prefiller's count of cached tokens in it.
 *
 * <p>All bytes pass at once and unread but for the rest of a line in which {@code "usage"} has been seen: that waits for
 * the line's end, without which the client has no event anyway. The quotes around the word make it a whole string of JSON:
 * those of a generated text are escaped. An event's data in several lines passes as it is.
 */
final class UsageEvents extends OutputStream {

    /** What a longer line says of usage stays as it is. */
    static final int LONGEST_LINE = 1 << 20;

    private static final Word SOUGHT = new Word("\"usage\"");
    private static final byte[] DATA = "data:".getBytes(US_ASCII);

    private final OutputStream out;
    private final CachedTokens cached;

    /** The line that has begun, kept even where it has been sent: what is replaced depends on what stands before it. */
    private byte[] line = new byte[512];

    private int length;
    private int sent;
    private boolean looksAt;
    private boolean passes;

    UsageEvents(OutputStream out, CachedTokens cached) {
        this.out = out;
        this.cached = cached;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] piece, int offset, int count) throws IOException {
        int end = offset + count;
        int from = length > 0 || passes ? goOn(piece, offset, end) : offset;
        int unsent = from;
        for (int found = SOUGHT.find(piece, from, end); found >= 0; found = SOUGHT.find(piece, from, end)) {
            int begin = beginOfLine(piece, from, found);
            from = endOfLine(piece, found, end);
            if (from < 0) {
                from = begin;
                break;
            }
            out.write(piece, unsent, begin - unsent);
            out.write(counted(Arrays.copyOfRange(piece, begin, from)));
            unsent = from;
        }
        int begin = beginOfLine(piece, from, end);
        out.write(piece, unsent, begin - unsent);
        if (begin < end) {
            goOn(piece, begin, end);
        }
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    /** Ends a stream that is whole, though its last line may lack its end. */
    @Override
    public void close() throws IOException {
        endLine();
        out.close();
    }

    /** Goes on with the line that has begun; answers where the next one begins. */
    private int goOn(byte[] piece, int from, int end) throws IOException {
        int next = endOfLine(piece, from, end);
        int to = next < 0 ? end : next;
        if (passes) {
            out.write(piece, from, to - from);
            passes = next < 0;
            return to;
        }
        append(piece, from, to);
        if (next >= 0) {
            endLine();
        } else if (!looksAt || length > LONGEST_LINE) {
            out.write(line, sent, length - sent);
            sent = length;
        }
        if (length > LONGEST_LINE) {
            forget();
            passes = true;
        }
        return to;
    }

    private void append(byte[] piece, int from, int to) throws IOException {
        int before = length;
        int count = to - from;
        if (line.length - length < count) {
            line = Arrays.copyOf(line, Math.max(2 * line.length, length + count));
        }
        System.arraycopy(piece, from, line, length, count);
        length += count;
        if (!looksAt) {
            int found = SOUGHT.find(line, Math.max(0, before - SOUGHT.length() + 1), length);
            looksAt = found >= 0;
            if (found > sent) {
                out.write(line, sent, found - sent);
                sent = found;
            }
        }
    }

    private void endLine() throws IOException {
        byte[] whole = looksAt ? counted(Arrays.copyOf(line, length)) : line;
        out.write(whole, sent, (looksAt ? whole.length : length) - sent);
        forget();
    }

    private void forget() {
        length = 0;
        sent = 0;
        looksAt = false;
    }

    /** Changes nothing before the end of the word, which may have been sent. */
    private byte[] counted(byte[] whole) {
        int to = whole.length - (isEnd(whole[whole.length - 1]) ? 1 : 0);
        if (!startsWithData(whole)) {
            return whole;
        }
        ByteArrayOutputStream counted = new ByteArrayOutputStream(whole.length + 20);
        counted.writeBytes(DATA);
        counted.writeBytes(cached.in(Arrays.copyOfRange(whole, DATA.length, to)));
        counted.write(whole, to, whole.length - to);
        int first = SOUGHT.find(whole, 0, whole.length) + SOUGHT.length();
        byte[] changed = counted.toByteArray();
        return Arrays.mismatch(changed, whole) < first ? whole : changed;
    }

    private static boolean startsWithData(byte[] whole) {
        return whole.length > DATA.length && Arrays.equals(whole, 0, DATA.length, DATA, 0, DATA.length);
    }

    private static int beginOfLine(byte[] bytes, int least, int from) {
        int begin = from;
        while (begin > least && !isEnd(bytes[begin - 1])) {
            begin--;
        }
        return begin;
    }

    /** Behind the end of a line; -1 when it has none. */
    private static int endOfLine(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (isEnd(bytes[i])) {
                return i + 1;
            }
        }
        return -1;
    }

    private static boolean isEnd(byte b) {
        return b == '\n' || b == '\r';
    }
}
