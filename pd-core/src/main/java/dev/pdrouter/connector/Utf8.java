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

    static boolean isValid(byte[] bytes) {
        int at = firstAboveAscii(bytes, 0);
        while (at < bytes.length) {
            int length = at <= bytes.length - Integer.BYTES ? frequent((int) INTS.get(bytes, at)) : 0;
            if (length == 0) {
                length = sequence(bytes, at);
            }
            if (length == 0) {
                return false;
            }
            at += length;
            if (at < bytes.length && bytes[at] >= 0) {
                at = firstAboveAscii(bytes, at);
            }
        }
        return true;
    }

    /** Where the first byte above ASCII is, from a place on: found eight bytes at a time. */
    private static int firstAboveAscii(byte[] bytes, int from) {
        int at = from;
        for (int last = bytes.length - Long.BYTES; at <= last; at += Long.BYTES) {
            long above = (long) LONGS.get(bytes, at) & HIGH_BITS;
            if (above != 0) {
                return at + Long.numberOfTrailingZeros(above) / Byte.SIZE;
            }
        }
        while (at < bytes.length && bytes[at] >= 0) {
            at++;
        }
        return at;
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

    /** The length of the sequence of two to four bytes that begins here, 0 when none does. */
    private static int sequence(byte[] bytes, int at) {
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
