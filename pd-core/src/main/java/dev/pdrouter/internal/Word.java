package dev.pdrouter.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;

/** A word to be found among bytes, by Horspool's search: most bytes are skipped. */
final class Word {

    private final byte[] letters;
    private final byte[] skips = new byte[256];

    /** A word of Latin-1, shorter than 128 letters. */
    Word(String word) {
        this.letters = word.getBytes(ISO_8859_1);
        Arrays.fill(skips, (byte) letters.length);
        for (int i = 0; i < letters.length - 1; i++) {
            skips[letters[i] & 0xff] = (byte) (letters.length - 1 - i);
        }
    }

    int length() {
        return letters.length;
    }

    boolean isIn(byte[] bytes) {
        return find(bytes, 0, bytes.length) >= 0;
    }

    /** Where it begins; -1 when it is not there. */
    int find(byte[] bytes, int from, int to) {
        int last = letters.length - 1;
        for (int i = from + last; i < to; i += skips[bytes[i] & 0xff]) {
            if (bytes[i] == letters[last] && Arrays.equals(bytes, i - last, i, letters, 0, last)) {
                return i - last;
            }
        }
        return -1;
    }
}
