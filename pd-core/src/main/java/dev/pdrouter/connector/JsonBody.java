package dev.pdrouter.connector;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pdrouter.Body;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object that is edited and never rewritten.
 *
 * <p>It is a view of the bytes it was parsed from and a short list of edits, so every byte that no edit names is
 * written as it came: the order of members, the spelling of numbers, escapes and blanks. Prompts are neither copied
 * nor built into objects, however many edits and legs there are.
 *
 * <p>Names are compared as they read, not as they are spelled: {@code "\u005cu006e"} is {@code n}. Where a name
 * occurs more than once its last occurrence is meant, as Python has it. Methods that look at a value take a member that
 * is {@code null} for absent, which is the protocol's rule; {@link #count} and {@link #raw} show it as it is.
 *
 * <p>Instances never change and are safe for any number of threads. No exception and no {@link #toString} holds a part
 * of the object.
 */
public final class JsonBody implements Body {

    private final JsonMembers members;
    private final int from;
    private final int to;
    /** Found when it is wanted; threads that do so at the same time find the same. */
    private @Nullable List<ByteRange> written;

    private JsonBody(JsonMembers members, int from, int to) {
        this.members = members;
        this.from = from;
        this.to = to;
    }

    /** An object within bytes that were checked, as it stands there. */
    static JsonBody at(JsonIndex index) {
        return new JsonBody(JsonMembers.of(index), index.open, index.close);
    }

    /** A body that is not one JSON object in UTF-8. The message is for the client and holds no part of the body. */
    public static final class Malformed extends IOException {
        private static final long serialVersionUID = 1L;

        Malformed(String what) {
            super("the body " + what);
        }
    }

    /**
     * Checks and indexes an object, which may have blanks around it and a byte order mark before it.
     *
     * @param bytes becomes this object's: it is not copied, and must not change any more
     * @return the body, which is written as it came
     * @throws Malformed when it is anything but one object of RFC 8259 in UTF-8, or nested more than 1,000 levels deep
     */
    public static JsonBody parse(byte[] bytes) throws Malformed {
        int open = JsonText.begin(bytes);
        JsonIndex index = JsonIndex.of(bytes, open, bytes.length);
        JsonText.end(bytes, index.close);
        return new JsonBody(JsonMembers.of(index), 0, bytes.length);
    }

    /**
     * Indexes a literal of the program.
     *
     * @param json an object
     * @return the body
     * @throws IllegalArgumentException when it is not one
     */
    public static JsonBody of(String json) {
        try {
            return parse(json.getBytes(StandardCharsets.UTF_8));
        } catch (Malformed e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * Counts the occurrences of a name.
     *
     * @param name a member
     * @return how often it occurs, with whatever value
     */
    public int count(String name) {
        return members.count(name);
    }

    /**
     * Whether a member is present and not {@code null}.
     *
     * @param name a member
     * @return whether it is
     */
    public boolean has(String name) {
        byte first = members.firstByte(name);
        return first != 0 && first != 'n';
    }

    /**
     * A member's value, parsed. That is for small ones: {@link #raw} costs less.
     *
     * @param name a member
     * @return its value; empty when it is absent or {@code null}. What holds a number of more than 1,000 characters is
     *     a missing node, except a number itself, which is then the nearest double
     */
    public Optional<JsonNode> get(String name) {
        List<ByteRange> value = value(name);
        return value == null ? Optional.empty() : Optional.of(JsonTree.read(ByteRange.whole(value)));
    }

    /**
     * A member's value as it is spelled.
     *
     * @param name a member
     * @return a copy of its bytes, {@code null} being four of them; empty when it is absent
     */
    public Optional<byte[]> raw(String name) {
        return Optional.ofNullable(members.find(name)).map(ByteRange::copy);
    }

    /**
     * A member that is an object, to be read, or edited and put back by {@link #with(String, JsonBody)}.
     *
     * @param name a member
     * @return its value, which shares this object's bytes; empty when it is absent or anything but an object
     */
    public Optional<JsonBody> object(String name) {
        List<ByteRange> value = value(name);
        if (value == null || value.getFirst().firstByte() != '{') {
            return Optional.empty();
        }
        ByteRange range = ByteRange.whole(value);
        try {
            return Optional.of(at(JsonIndex.of(range.bytes(), range.from(), range.to())));
        } catch (Malformed e) {
            throw new IllegalStateException("the program set '" + name + "' to what is not JSON", e);
        }
    }

    /**
     * Sets a member, in place when it is present, else as the last one. Of several of the name one remains.
     *
     * @param name the member
     * @param json one JSON value in UTF-8, which is not checked; becomes this object's
     * @return the edited object
     */
    public JsonBody with(String name, byte[] json) {
        return with(name, List.of(ByteRange.of(json)));
    }

    /**
     * Sets a member, in place when it is present, else as the last one. Of several of the name one remains.
     *
     * @param name the member
     * @param json one JSON value, which is not checked
     * @return the edited object
     */
    public JsonBody with(String name, String json) {
        return with(name, json.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sets a member, in place when it is present, else as the last one. Of several of the name one remains.
     *
     * @param name the member
     * @param value its value, without what stands around it
     * @return the edited object, which shares the value's bytes
     */
    public JsonBody with(String name, JsonBody value) {
        return with(name, value.ranges());
    }

    JsonBody with(String name, List<ByteRange> value) {
        return new JsonBody(members.set(name, value), from, to);
    }

    /**
     * Removes every member of a name.
     *
     * @param name the member
     * @return the edited object; this one when there is nothing to remove
     */
    public JsonBody without(String name) {
        return without(new JsonName(name));
    }

    JsonBody without(JsonName name) {
        JsonMembers others = members.remove(name);
        return others == members ? this : new JsonBody(others, from, to);
    }

    /** Whether one of the names that an open one means occurs more than once. */
    boolean repeats(JsonName open) {
        return members.repeats(open);
    }

    /** The first byte of a member's value; 0 when the member is absent or null. */
    byte firstByte(String name) {
        byte first = members.firstByte(name);
        return first == 'n' ? 0 : first;
    }

    /** The first byte of the first element of an array, a bracket when it is empty; 0 when there is no array. */
    byte firstByteInArray(String name) {
        List<ByteRange> value = value(name);
        return value == null ? 0 : ByteRange.whole(value).firstByteInArray();
    }

    /** The object alone, without what stands around it. */
    List<ByteRange> ranges() {
        return members.ranges(index().open, index().close);
    }

    /** What it was parsed from, without edits. */
    JsonIndex index() {
        return members.index();
    }

    /** A member's value, unless it is {@code null}. */
    @Nullable
    List<ByteRange> value(String name) {
        List<ByteRange> value = members.find(name);
        return value == null || value.getFirst().firstByte() == 'n' ? null : value;
    }

    /** Whether a name may occur more than once. When this says no, none does; yes may be wrong. */
    boolean mayRepeat() {
        return members.mayRepeat();
    }

    private List<ByteRange> written() {
        List<ByteRange> found = written;
        if (found == null) {
            found = List.copyOf(members.ranges(from, to));
            written = found;
        }
        return found;
    }

    @Override
    public long length() {
        return ByteRange.length(written());
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        ByteRange.write(written(), out);
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    /** The length alone, since the rest may be somebody's prompt. */
    @Override
    public String toString() {
        return "JsonBody[" + length() + " bytes]";
    }
}
