package dev.pdrouter.connector;

import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a connector wants done with one request and one prefiller: which legs, in which order.
 *
 * <p>A plan is data. Sending, waiting, cancelling, streaming and answering errors are the router's.
 */
public sealed interface Plan {

    /**
     * The decoder alone computes the prompt and the answer.
     *
     * @param decode what it is sent
     * @param reason why, in a few words for log and event
     */
    record DecodeOnly(Leg decode, String reason) implements Plan {}

    /**
     * The prefiller first; when it has answered, the decoder.
     *
     * @param prefill what the prefiller is sent
     * @param handoff finds the handoff in the prefiller's answer; empty when the engines share a store and the answer
     *     of a prefiller that succeeded does not matter
     * @param decode what the decoder is sent, to which the handoff is added
     */
    record Sequential(Leg prefill, Optional<HandoffReader> handoff, Leg decode) implements Plan {}

    /**
     * Both at once: the engines find each other by what both legs say. The client gets nothing before the prefiller has
     * succeeded; when either fails, the other is dropped at once.
     *
     * @param prefill what the prefiller is sent; without an abort it is not dropped in its first moments when the client leaves,
     *     since a decoder may keep what it reserved for a transfer that never comes
     * @param accepts whether the decoder can finish with what the prefiller answered: asked with its answer of status
     *     2xx, or, when that is a stream, with each event. False ends the request, whatever other candidates there are
     * @param decode what the decoder is sent
     */
    record Concurrent(Leg prefill, Predicate<JsonBody> accepts, Leg decode) implements Plan {}

    /**
     * The decoder first, which may decline: then as if it had not been asked.
     *
     * @param decode what the decoder is sent
     * @param declined whether it declined: asked with its answer of status 2xx, or, when that is a stream, with each of
     *     its first two events
     * @param otherwise what is done then
     */
    record DecodeFirst(Leg decode, Predicate<JsonBody> declined, Sequential otherwise) implements Plan {}
}
