package dev.pdrouter.connector;

import dev.pdrouter.GenerationApi;
import java.util.function.UnaryOperator;

/** Objects within a request, read and edited in place. */
final class Nested {

    private static final JsonBody EMPTY = JsonBody.of("{}");

    private Nested() {}

    /** A member's object; an empty one when there is none. */
    static JsonBody object(JsonBody body, String name) {
        return body.object(name).orElse(EMPTY);
    }

    /** The object that holds an endpoint's sampling parameters: the request itself, or a member of it. */
    static JsonBody sampling(GenerationApi api, JsonBody body) {
        return api.samplingMember().map(name -> object(body, name)).orElse(body);
    }

    static JsonBody editSampling(GenerationApi api, JsonBody body, UnaryOperator<JsonBody> edit) {
        return api.samplingMember().map(name -> edit(body, name, edit)).orElseGet(() -> edit.apply(body));
    }

    /**
     * Edits a member's object, created when it is absent and the edit puts something in.
     *
     * <p>A value that is no object stays as it is: the engine refuses it, and its words are better than ours.
     */
    static JsonBody edit(JsonBody body, String name, UnaryOperator<JsonBody> edit) {
        JsonBody before = object(body, name);
        if (before == EMPTY && body.has(name)) {
            return body;
        }
        JsonBody after = edit.apply(before);
        return after == before ? body : body.with(name, after);
    }
}
