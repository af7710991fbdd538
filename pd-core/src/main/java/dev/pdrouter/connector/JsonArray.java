package dev.pdrouter.connector;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The elements of an array that are objects, found one after the other: nothing is built of the others, and one that was
 * looked at can be forgotten before the next is found.
 */
final class JsonArray implements Iterable<JsonBody> {

    private static final ByteRange EMPTY = ByteRange.of(new byte[] {'[', ']'});

    private final ByteRange array;

    private JsonArray(ByteRange array) {
        this.array = array;
    }

    /** A member's array, whose elements share the body's bytes; an empty one when it is anything else. */
    static JsonArray of(JsonBody body, String name) {
        List<ByteRange> value = body.value(name);
        return new JsonArray(value == null || value.getFirst().firstByte() != '[' ? EMPTY : ByteRange.whole(value));
    }

    @Override
    public Iterator<JsonBody> iterator() {
        return new Objects();
    }

    /** The array is valid JSON, so what stands between two elements is a comma and blanks. */
    private final class Objects implements Iterator<JsonBody> {

        private final byte[] bytes = array.bytes();
        private int at = array.from() + 1;

        @Override
        public boolean hasNext() {
            try {
                while (bytes[at] != '{' && bytes[at] != ']') {
                    passOver();
                }
                return bytes[at] == '{';
            } catch (JsonBody.Malformed e) {
                throw notValid(e);
            }
        }

        private void passOver() throws JsonBody.Malformed {
            if (bytes[at] == ',' || JsonScanner.isBlank(bytes[at])) {
                at++;
            } else {
                JsonScanner scanner = new JsonScanner(bytes, at, array.to());
                scanner.value();
                at = scanner.position();
            }
        }

        @Override
        public JsonBody next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            try {
                JsonIndex index = JsonIndex.of(bytes, at, array.to());
                at = index.close;
                return JsonBody.at(index);
            } catch (JsonBody.Malformed e) {
                throw notValid(e);
            }
        }

        private static IllegalStateException notValid(JsonBody.Malformed e) {
            return new IllegalStateException("the program set a member to what is not JSON", e);
        }
    }
}
