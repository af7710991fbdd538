package dev.pdrouter.testkit;

import java.util.List;
import java.util.stream.IntStream;

/** The text that the engines' model writes: always the same after the same prompt. */
final class Words {
    private static final List<String> ALL = List.of(
            ("amber arch ash bay beam birch bloom brook calm cedar clay cliff cloud coast copper coral crest dawn "
                            + "delta dew dune dusk east elm ember fern field fjord flint fog forest frost gale glade glen "
                            + "grove harbor haze heath hill ice iris isle ivy jade lake lark leaf lime maple marsh mist "
                            + "moon moss north oak ocean olive opal pine plain pond reed")
                    .split(" "));
    private static final int SHORTEST = 6;
    private static final int SPREAD = 18;

    private Words() {}

    /** A hash that does not change between versions of Java. */
    static long seed(CharSequence text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** The tokens, each with the blank before it. */
    static List<String> tokens(long seed, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> (i == 0 ? "" : " ") + ALL.get((int) Long.remainderUnsigned(mix(seed + i), ALL.size())))
                .toList();
    }

    /** How many tokens the model writes when it is not stopped. */
    static int naturalLength(long seed) {
        return SHORTEST + (int) Long.remainderUnsigned(mix(seed), SPREAD);
    }

    private static long mix(long value) {
        long z = (value + 1) * 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
