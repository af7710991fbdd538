package dev.pdrouter.internal;

import dev.pdrouter.connector.JsonBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;

/**
 * The prefiller's count of cached tokens, to stand in the decoder's answer.
 *
 * @param count what to write
 */
record CachedTokens(long count) {

    private static final String USAGE = "usage";
    private static final String DETAILS = "prompt_tokens_details";
    private static final String CACHED = "cached_tokens";
    private static final Word WORD = new Word(CACHED);

    /** An answer, or an event of one, with the count; the same array when there is nothing to replace. */
    byte[] in(byte[] json) {
        // Where the word is not there, nothing has to be parsed. A decoder that spelled it with escapes would be
        // believed.
        if (!WORD.isIn(json)) {
            return json;
        }
        try {
            JsonBody answer = JsonBody.parse(json);
            Optional<JsonBody> usage = member(answer, USAGE);
            Optional<JsonBody> details = usage.flatMap(object -> member(object, DETAILS));
            if (details.isEmpty() || !isReplaced(details.get())) {
                return json;
            }
            JsonBody counted = details.get().with(CACHED, String.valueOf(count));
            ByteArrayOutputStream out = new ByteArrayOutputStream(json.length + 20);
            answer.with(USAGE, usage.get().with(DETAILS, counted)).writeTo(out);
            return out.toByteArray();
        } catch (IOException e) {
            return json; // [DONE], or nothing that we understand
        }
    }

    /** An object that is there once: of two of a name the engine alone knows which it means. */
    private static Optional<JsonBody> member(JsonBody object, String name) {
        return object.count(name) == 1 ? object.object(name) : Optional.empty();
    }

    private static boolean isReplaced(JsonBody details) {
        return details.count(CACHED) == 1
                && details.get(CACHED).filter(value -> value.isNumber()).isPresent();
    }
}
