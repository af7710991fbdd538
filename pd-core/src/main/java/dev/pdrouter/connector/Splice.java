package dev.pdrouter.connector;

import java.util.ArrayList;
import java.util.List;

/** An array with some parts replaced, as ranges, in one pass from its beginning. */
final class Splice {

    private final byte[] source;
    private final List<ByteRange> ranges = new ArrayList<>();
    private int done;

    Splice(byte[] source, int from) {
        this.source = source;
        this.done = from;
    }

    /** Takes over what precedes, and other ranges in the place of a part that no earlier call reached beyond. */
    void replace(int from, int to, List<ByteRange> others) {
        upTo(from);
        ranges.addAll(others);
        done = to;
    }

    List<ByteRange> upTo(int to) {
        if (to > done) {
            ranges.add(new ByteRange(source, done, to));
            done = to;
        }
        return ranges;
    }
}
