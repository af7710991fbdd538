package dev.pdrouter.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class WordTest {

    @Test
    void isFoundWhereverAStringWouldFindIt() {
        Random random = new Random(1);
        for (int round = 0; round < 20_000; round++) {
            String text = text(random, random.nextInt(12));
            String sought = text(random, 1 + random.nextInt(4));
            int from = random.nextInt(text.length() + 1);
            int to = from + random.nextInt(text.length() - from + 1);
            assertThat(new Word(sought).find(text.getBytes(ISO_8859_1), from, to))
                    .as("%s in %s from %s to %s", sought, text, from, to)
                    .isEqualTo(expected(text.substring(0, to), sought, from));
        }
    }

    private static int expected(String text, String sought, int from) {
        return text.indexOf(sought, from);
    }

    /** Few letters, so that beginnings of the word are everywhere; and a byte that is negative. */
    private static String text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append("ab\u00e9".charAt(random.nextInt(3)));
        }
        return text.toString();
    }
}
