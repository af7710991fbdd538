package dev.pdrouter.connector;

import dev.pdrouter.GenerationApi;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The members by which engines are told where KV and encoder caches are.
 *
 * <p>They are an engine's orders to another, so a client's own reach no engine: the right ones read another prompt's
 * cache, and wrong ones end a decoder's process.
 */
public final class TransferParams {

    /** The member for KV caches, in requests and in answers. */
    public static final String MEMBER = "kv_transfer_params";

    /** The member for encoder caches, in requests and in answers: an entry for each hash of a picture, film or sound. */
    public static final String ENCODED = "ec_transfer_params";

    static final List<String> NAMES = List.of(MEMBER, ENCODED);
    static final String SAMPLING = "sampling_params";
    static final String EXTRA = "extra_args";
    /** What vLLM's OpenAI endpoints take for extra arguments. */
    static final String OPENAI_EXTRA = "vllm_xargs";

    private TransferParams() {}

    /**
     * Tells an engine where a KV cache is or goes.
     *
     * @param api the endpoint: one with sampling parameters of their own gets them there too, where vLLM before
     *     PR #42644 reads them
     * @param body the request
     * @param json an object, sent as it is spelled; becomes the result's
     * @return the request with the member set
     */
    public static JsonBody put(GenerationApi api, JsonBody body, byte[] json) {
        JsonBody told = body.with(MEMBER, json);
        return api.samplingMember()
                .map(sampling -> Nested.edit(
                        told, sampling, params -> Nested.edit(params, EXTRA, extra -> extra.with(MEMBER, json))))
                .orElse(told);
    }

    /**
     * Finds what an engine answered for another one.
     *
     * @param answer an engine's answer
     * @return the member as it is spelled; empty when it is absent, {@code null} or not an object
     */
    public static Optional<byte[]> in(JsonBody answer) {
        return answer.firstByte(MEMBER) == '{' ? answer.raw(MEMBER) : Optional.empty();
    }

    /**
     * Tells an engine where encoder caches are.
     *
     * @param request what it is sent otherwise
     * @param answers what encoders answered; one without an {@link #ENCODED} object says nothing
     * @return the request with all entries, each as it is spelled, of one hash one; the same request when there is none
     */
    public static JsonBody putEncoded(JsonBody request, List<JsonBody> answers) {
        List<ByteRange> entries = JsonUnion.of(answers.stream()
                .flatMap(answer -> answer.object(ENCODED).stream())
                .toList());
        return entries.isEmpty() ? request : request.with(ENCODED, entries);
    }

    /**
     * Takes out of a client's request all that engines would take for each other's orders, at every place where one
     * looks. {@link RoutingMembers#occurringTwice} comes first: in a request with two of the objects that hold them, only
     * one is looked into.
     *
     * @param body the client's object
     * @param reserved further names at top level, see {@link KvConnector#reserved}
     * @return the same object when it holds none
     */
    public static JsonBody takenOutOf(JsonBody body, Set<String> reserved) {
        JsonBody clean = withoutAll(withoutAll(body, NAMES), reserved);
        clean = Nested.edit(clean, OPENAI_EXTRA, extra -> withoutAll(extra, NAMES));
        return Nested.edit(clean, SAMPLING, params -> Nested.edit(params, EXTRA, extra -> withoutAll(extra, NAMES)));
    }

    private static JsonBody withoutAll(JsonBody body, Iterable<String> names) {
        JsonBody less = body;
        for (String name : names) {
            less = less.without(JsonName.reserved(name));
        }
        return less;
    }
}
