package dev.pdrouter.connector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Passes over JSON and accepts the grammar of RFC 8259 to the letter, without building anything, or allocating more than
 * a block of marks.
 *
 * <p>Not Jackson's parser, because that decodes names at every level where only positions are asked for, and refuses
 * names with half a surrogate pair, which JSON and the engines' parser allow. Tests hold the two together.
 */
final class JsonScanner {

    private static final int MAX_DEPTH = 1000;
    private static final int LONG_STRING = 128;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = ONES << 7;

    private final byte[] bytes;
    private final int end;
    private int at;
    private int depth;
    /** For each level a bit: whether it is an object. */
    private final long[] objects = new long[MAX_DEPTH / Long.SIZE + 1];

    private @Nullable LongString longString;

    JsonScanner(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    static boolean isBlank(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    int position() {
        return at;
    }

    void skipBlanks() {
        while (at < end && isBlank(bytes[at])) {
            at++;
        }
    }

    /** Goes into the object or array that begins here, and past the blanks behind its brace. */
    void enter() throws JsonBody.Malformed {
        if (depth == MAX_DEPTH) {
            throw new JsonBody.Malformed("is nested more than " + MAX_DEPTH + " levels deep");
        }
        long bit = 1L << depth;
        int word = depth / Long.SIZE;
        objects[word] = bytes[at] == '{' ? objects[word] | bit : objects[word] & ~bit;
        depth++;
        at++;
        skipBlanks();
    }

    /** Leaves the innermost object or array if it ends here. */
    boolean leave() {
        if (at < end && bytes[at] == (inObject() ? '}' : ']')) {
            at++;
            depth--;
            return true;
        }
        return false;
    }

    private boolean inObject() {
        return (objects[(depth - 1) / Long.SIZE] & 1L << depth - 1) != 0;
    }

    /**
     * Passes over a name and its colon, up to the value.
     *
     * @return where the name's closing quote is
     */
    int name() throws JsonBody.Malformed {
        expect('"');
        string();
        int quote = at - 1;
        skipBlanks();
        expect(':');
        skipBlanks();
        return quote;
    }

    /** Passes over a comma, up to what it announces. */
    void comma() throws JsonBody.Malformed {
        expect(',');
        skipBlanks();
    }

    private void expect(char c) throws JsonBody.Malformed {
        if (at == end || bytes[at] != c) {
            throw mistake();
        }
        at++;
    }

    /** Passes over one value, however deep. */
    void value() throws JsonBody.Malformed {
        int outside = depth;
        while (true) {
            boolean entered = beginOfValue();
            while (depth > outside && !entered) {
                skipBlanks();
                if (!leave()) {
                    comma();
                    entered = true;
                }
            }
            if (depth == outside) {
                return;
            }
            if (inObject()) {
                name();
            }
        }
    }

    /** Whether this was the beginning of an object or array with something in it; other values are passed over. */
    private boolean beginOfValue() throws JsonBody.Malformed {
        if (at == end) {
            throw mistake();
        }
        switch (bytes[at]) {
            case '{', '[' -> {
                enter();
                return !leave();
            }
            case '"' -> {
                at++;
                string();
            }
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        }
        return false;
    }

    private void literal(String word) throws JsonBody.Malformed {
        for (int i = 0; i < word.length(); i++) {
            expect(word.charAt(i));
        }
    }

    private void number() throws JsonBody.Malformed {
        accept('-', '-');
        if (!accept('0', '0')) {
            digits();
        }
        if (accept('.', '.')) {
            digits();
        }
        if (accept('e', 'E')) {
            accept('+', '-');
            digits();
        }
    }

    private boolean accept(char one, char other) {
        if (at < end && (bytes[at] == one || bytes[at] == other)) {
            at++;
            return true;
        }
        return false;
    }

    private void digits() throws JsonBody.Malformed {
        int first = at;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        if (at == first) {
            throw mistake();
        }
    }

    /** Passes over the rest of a string whose first quote is behind us. */
    private void string() throws JsonBody.Malformed {
        int i = at;
        int far = i + LONG_STRING;
        while (true) {
            i = i < far ? behindPlain(i) : longString().endsAt(i);
            byte b = i == end ? 0 : bytes[i];
            if (b >= 0 && b < ' ') {
                at = i;
                throw mistake();
            }
            i++;
            if (b == '"') {
                at = i;
                return;
            }
            if (b == '\\') {
                i = LongString.behindEscape(bytes, i, end);
                if (i < 0) {
                    at = ~i;
                    throw mistake();
                }
            }
        }
    }

    private LongString longString() {
        LongString found = longString;
        if (found == null) {
            found = new LongString(bytes, end);
            longString = found;
        }
        return found;
    }

    /** Where the next quote, backslash or control character is, found eight bytes at a time; or a place near the end. */
    private int behindPlain(int from) {
        int i = from;
        for (int last = end - Long.BYTES; i <= last; i += Long.BYTES) {
            long eight = (long) LONGS.get(bytes, i);
            long ascii = eight & ~HIGH_BITS;
            // Each sum has its high bit unless the byte is one of those; flipping bit 1 puts the quote behind the
            // control characters. Bytes above ASCII are none of them.
            long plain = (ascii ^ 0x02 * ONES) + (0x80 - 0x21) * ONES & (ascii ^ '\\' * ONES) + 0x7F * ONES | eight;
            long found = ~plain & HIGH_BITS;
            if (found != 0) {
                return i + Long.numberOfTrailingZeros(found) / Byte.SIZE;
            }
        }
        return i;
    }

    private JsonBody.Malformed mistake() {
        return new JsonBody.Malformed(
                at == end
                        ? "is not valid JSON: it ends within the object"
                        : "is not valid JSON: there is a mistake at byte " + at);
    }
}
