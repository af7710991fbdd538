package dev.pdrouter.connector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Passes over a long JSON string.
 *
 * <p>Prompts are long strings and little else, so this is most of what a request costs that grows with its prompt. The
 * bytes of a block are marked by a loop that the JVM compiles to vector instructions, 16 to 64 bytes at a time; the marks
 * are passed over 64 at a time, and where the next ones are does not wait for what the last ones were. That pays from
 * some dozens of bytes on.
 */
final class LongString {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final int BLOCK = 2048;
    private static final int VECTOR = 64;
    private static final int LOOKED_AT = 64;

    private final byte[] bytes;
    private final int end;
    /** Of the block's bytes; the high bit says that a byte is plain. What is behind the block is of no meaning. */
    private final byte[] marks = new byte[BLOCK + LOOKED_AT];

    private int begin;
    private int size;

    LongString(byte[] bytes, int end) {
        this.bytes = bytes;
        this.end = end;
    }

    /** Where the string ends that goes on here: at its closing quote, or at a mistake, which may be the end. */
    int endsAt(int from) {
        int at = from;
        int escaped = -1;
        while (at < end) {
            if (at < begin || at >= begin + size) {
                mark(at);
            }
            for (int i = at - begin; i < size; i += LOOKED_AT) {
                for (long found = special(i); found != 0; found &= found - 1) {
                    int special = begin + i + Long.numberOfTrailingZeros(found);
                    if (special != escaped && special < begin + size) {
                        if (bytes[special] != '\\' || behindEscape(bytes, special + 1, end) < 0) {
                            return special;
                        }
                        escaped = special + 1;
                    }
                }
            }
            at = begin + size;
        }
        return end;
    }

    /**
     * Passes over an escape whose backslash is behind us.
     *
     * @return what follows it, or, when it is none, the complement of where the mistake is
     */
    static int behindEscape(byte[] bytes, int from, int end) {
        switch (from < end ? bytes[from] : 0) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {
                return from + 1;
            }
            case 'u' -> {
                int i = from + 1;
                while (i < end && i <= from + 4 && isHexDigit(bytes[i])) {
                    i++;
                }
                return i == from + 5 ? i : ~i;
            }
            default -> {
                return ~from;
            }
        }
    }

    private static boolean isHexDigit(byte b) {
        int lower = b | 0x20;
        return b >= '0' && b <= '9' || lower >= 'a' && lower <= 'f';
    }

    /** A bit for each of the next 64 bytes: one branch that cannot be foreseen for all of them, and not one for each eight. */
    private long special(int from) {
        long found = 0;
        for (int i = 0; i < LOOKED_AT; i += Long.BYTES) {
            // The product's highest byte has the high bits of all eight.
            found |= ((~(long) LONGS.get(marks, from + i) & HIGH_BITS) * 0x0002040810204081L >>> 56) << i;
        }
        return found;
    }

    private void mark(int at) {
        begin = at;
        size = Math.min(BLOCK, end - at);
        // Copied first, since only what is read and written at one place is known not to overlap.
        System.arraycopy(bytes, at, marks, 0, size);
        markPlain(marks, Math.min(size + VECTOR - 1 & -VECTOR, BLOCK));
    }

    /**
     * Each sum has its high bit unless the byte is a quote, a backslash or a control character: flipping bit 1 puts the quote
     * right behind the control characters. Bytes above ASCII have it anyway.
     */
    private static void markPlain(byte[] block, int size) {
        for (int i = 0; i < size; i++) {
            byte b = block[i];
            byte ascii = (byte) (b & 0x7F);
            block[i] = (byte) (((ascii ^ 0x02) + (0x80 - 0x21)) & ((ascii ^ '\\') + 0x7F) | b);
        }
    }
}
