package dev.pdrouter.connector;

import java.util.Arrays;

/**
 * Where the members of one JSON object are: positions in an array that is shared and never written.
 *
 * <p>Nested values are checked and passed over, so an index costs twelve bytes a member, however large they are.
 */
final class JsonIndex {

    private static final int STRIDE = 3;

    final byte[] bytes;
    /** Of the opening brace. */
    final int open;
    /** Behind the closing brace. */
    final int close;

    private final int[] positions;
    private final int size;

    private JsonIndex(byte[] bytes, int open, int close, int[] positions, int size) {
        this.bytes = bytes;
        this.open = open;
        this.close = close;
        this.positions = positions;
        this.size = size;
    }

    /** Indexes the object whose brace is at {@code open}; what follows it, up to {@code end}, is not looked at. */
    static JsonIndex of(byte[] bytes, int open, int end) throws JsonBody.Malformed {
        JsonScanner scanner = new JsonScanner(bytes, open, end);
        int[] positions = new int[16 * STRIDE];
        int used = 0;
        scanner.enter();
        while (!scanner.leave()) {
            if (used > 0) {
                scanner.comma();
            }
            if (used == positions.length) {
                positions = Arrays.copyOf(positions, used * 2);
            }
            positions[used++] = scanner.position();
            scanner.name();
            positions[used++] = scanner.position();
            scanner.value();
            positions[used++] = scanner.position();
            scanner.skipBlanks();
        }
        return new JsonIndex(bytes, open, scanner.position(), positions, used / STRIDE);
    }

    int size() {
        return size;
    }

    /** Where a member begins: the first quote of its name. */
    int key(int member) {
        return positions[member * STRIDE];
    }

    int value(int member) {
        return positions[member * STRIDE + 1];
    }

    /** Behind the member's value. */
    int end(int member) {
        return positions[member * STRIDE + 2];
    }

    boolean isNamed(int member, JsonName name) {
        int quote = value(member) - 1;
        while (bytes[quote] != '"') {
            quote--;
        }
        return name.matches(bytes, key(member) + 1, quote);
    }
}
