package dev.pdrouter.connector;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pdrouter.Body;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** A JSON object that is edited and never rewritten. */
public final class JsonBody implements Body {

    private JsonBody() {}

    /**
     * Indexes an object.
     *
     * @param bytes becomes this object's
     * @return the body
     * @throws IOException when it is not one JSON object in UTF-8
     */
    public static JsonBody parse(byte[] bytes) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Indexes a literal of the program.
     *
     * @param json an object
     * @return the body
     */
    public static JsonBody of(String json) {
        throw new UnsupportedOperationException();
    }

    /**
     * Counts.
     *
     * @param name a member
     * @return how often it occurs
     */
    public int count(String name) {
        throw new UnsupportedOperationException();
    }

    /**
     * Present and not null.
     *
     * @param name a member
     * @return whether it is
     */
    public boolean has(String name) {
        throw new UnsupportedOperationException();
    }

    /**
     * Parses one.
     *
     * @param name a member
     * @return its value
     */
    public Optional<JsonNode> get(String name) {
        throw new UnsupportedOperationException();
    }

    /**
     * A member's value as it is spelled.
     *
     * @param name a member
     * @return its bytes
     */
    public Optional<byte[]> raw(String name) {
        throw new UnsupportedOperationException();
    }

    /**
     * A member that is an object.
     *
     * @param name a member
     * @return its value
     */
    public Optional<JsonBody> object(String name) {
        throw new UnsupportedOperationException();
    }

    /**
     * Sets.
     *
     * @param name a member
     * @param json its value
     * @return an edited one
     */
    public JsonBody with(String name, byte[] json) {
        throw new UnsupportedOperationException();
    }

    /**
     * Sets.
     *
     * @param name a member
     * @param json its value
     * @return an edited one
     */
    public JsonBody with(String name, String json) {
        throw new UnsupportedOperationException();
    }

    /**
     * Sets.
     *
     * @param name a member
     * @param value its value
     * @return an edited one
     */
    public JsonBody with(String name, JsonBody value) {
        throw new UnsupportedOperationException();
    }

    /**
     * Removes.
     *
     * @param name a member
     * @return an edited one
     */
    public JsonBody without(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long length() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }
}
