package dev.pdrouter.connector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Strict UTF-8, as RFC 3629 has it: nothing overlong, no surrogates, nothing above U+10FFFF.
 *
 * <p>Jackson checks the strings it decodes and not those it skips, and what it lets pass an engine may read otherwise.
 */
final class Utf8 {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;

    private Utf8() {}

    /**
     * Looks at each sequence by its first byte, so where the next one is does not wait for how long the last one was. As many
     * further bytes as those ask for are all that there may be.
     */
    static boolean isValid(byte[] bytes) {
        int unclaimed = 0;
        int at = 0;
        for (int last = bytes.length - Long.BYTES; at <= last; at += Long.BYTES) {
            long eight = (long) LONGS.get(bytes, at);
            long above = eight & HIGH_BITS;
            if (above != 0) {
                long leads = above & eight << 1;
                unclaimed += Long.bitCount(above ^ leads);
                for (; leads != 0; leads &= leads - 1) {
                    int length = sequence(bytes, at + Long.numberOfTrailingZeros(leads) / Byte.SIZE);
                    if (length == 0) {
                        return false;
                    }
                    unclaimed -= length - 1;
                }
            }
        }
        for (; at < bytes.length; at++) {
            if (bytes[at] < 0) {
                boolean further = (bytes[at] & 0x40) == 0;
                int length = further ? 1 : sequence(bytes, at);
                if (length == 0) {
                    return false;
                }
                unclaimed += further ? 1 : 1 - length;
            }
        }
        return unclaimed == 0;
    }

    /** The length of the sequence of two to four bytes that begins here, 0 when none does. */
    private static int sequence(byte[] bytes, int at) {
        int frequent = at <= bytes.length - Integer.BYTES ? frequent((int) INTS.get(bytes, at)) : 0;
        return frequent > 0 ? frequent : anySequence(bytes, at);
    }

    /** The length of the sequence in the lowest bytes when it has two or three and is valid; 0 may be valid all the same. */
    private static int frequent(int four) {
        boolean three = (four & 0xC0C0F0) == 0x8080E0;
        int begin = four & 0x200F; // nothing: overlong; 0x200D: a surrogate
        if (three && begin != 0 && begin != 0x200D) {
            return 3;
        }
        return (four & 0xC0E0) == 0x80C0 && (four & 0x1E) != 0 ? 2 : 0;
    }

    private static int anySequence(byte[] bytes, int at) {
        int lead = bytes[at] & 0xFF;
        int length = lead < 0xC2 || lead > 0xF4 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (length == 0 || length > bytes.length - at || !secondFits(lead, bytes[at + 1] & 0xFF)) {
            return 0;
        }
        for (int i = at + 2; i < at + length; i++) {
            if ((bytes[i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    private static boolean secondFits(int lead, int second) {
        int least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        int most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        return second >= least && second <= most;
    }
}
