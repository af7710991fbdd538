package dev.pdrouter.connector;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the members of one JSON object are: positions in an array that is shared and never written.
 *
 * <p>Nested values are checked and passed over, so an index costs sixteen bytes a member, however large they are.
 */
final class JsonIndex {

    private static final int STRIDE = 4;

    /** Of more members than this, pairs are not compared. */
    private static final int FEW = 24;

    final byte[] bytes;
    /** Of the opening brace. */
    final int open;
    /** Behind the closing brace. */
    final int close;

    private final int[] positions;
    private final int size;
    /** Found when it is wanted; threads that do so at the same time find the same. */
    private @Nullable Boolean mayRepeat;

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
            positions[used++] = scanner.name();
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
        return positions[member * STRIDE + 2];
    }

    /** Behind the member's value. */
    int end(int member) {
        return positions[member * STRIDE + 3];
    }

    /** The closing quote of the member's name. */
    private int endOfName(int member) {
        return positions[member * STRIDE + 1];
    }

    boolean isNamed(int member, JsonName name) {
        return name.matches(bytes, key(member) + 1, endOfName(member));
    }

    /** A member's name as it reads. */
    String name(int member) {
        return JsonTree.read(new ByteRange(bytes, key(member), endOfName(member) + 1))
                .asText();
    }

    /** Whether two members may have the same name. When this says no, none have; yes may be wrong. */
    boolean mayRepeat() {
        Boolean found = mayRepeat;
        if (found == null) {
            found = size > FEW || hasEscapedOrRepeated();
            mayRepeat = found;
        }
        return found;
    }

    private boolean hasEscapedOrRepeated() {
        for (int member = 0; member < size; member++) {
            if (isEscaped(member)) {
                return true;
            }
            for (int other = 0; other < member; other++) {
                if (isSpelledAs(member, other)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isEscaped(int member) {
        for (int i = key(member) + 1; i < endOfName(member); i++) {
            if (bytes[i] == '\\') {
                return true;
            }
        }
        return false;
    }

    private boolean isSpelledAs(int member, int other) {
        return Arrays.equals(bytes, key(member), endOfName(member), bytes, key(other), endOfName(other));
    }
}
