package dev.pdrouter.connector;

import java.util.Optional;

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
}
