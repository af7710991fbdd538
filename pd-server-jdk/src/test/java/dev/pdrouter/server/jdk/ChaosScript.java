package dev.pdrouter.server.jdk;

import java.util.List;
import java.util.Random;

/**
 * What becomes of one request: how its prefiller, its decoder and its client behave. The same seed and number give the
 * same script; what happens in the end also depends on who is quicker.
 *
 * @param number of the request, which its id tells to the engines
 * @param form how the client asks
 * @param prefill what the prefiller does
 * @param decode what the decoder does
 * @param client what the client does
 * @param deadCandidate whether nobody listens at the first candidate
 * @param pause a delay in ms, of whoever has one
 */
record ChaosScript(
        int number, Form form, Fault prefill, Fault decode, Client client, boolean deadCandidate, int pause) {

    /** How the client asks. */
    enum Form {
        JSON,
        STREAM,
        HTTP10_STREAM,
        PASS_THROUGH
    }

    /** What an engine does with a request. */
    enum Fault {
        NONE,
        SLOW,
        RESET_BEFORE,
        CLOSE_BEFORE,
        UNAVAILABLE,
        INTERNAL_ERROR,
        BAD_REQUEST,
        NONSENSE,
        STALL_BEFORE,
        /** In the middle of its answer. */
        STALL,
        TRICKLE,
        RESET,
        CLOSE,
        TOO_LONG_A_LENGTH,
        /** Which no one can tell from an answer of that length. */
        TOO_SHORT_A_LENGTH,
        MALFORMED_CHUNK;

        /** Whether a client may see only a part of the answer, or another than it should. */
        boolean cuts() {
            return compareTo(STALL) >= 0;
        }
    }

    /** What the client does. */
    enum Client {
        STAYS,
        LEAVES_IN_ITS_BODY,
        STALLS_IN_ITS_BODY,
        LEAVES_AT_ONCE,
        LEAVES_LATER,
        RESETS_LATER,
        LEAVES_IN_THE_ANSWER;

        boolean stays() {
            return this == STAYS || this == STALLS_IN_ITS_BODY;
        }
    }

    private static final List<Form> FORMS =
            List.of(Form.JSON, Form.JSON, Form.STREAM, Form.STREAM, Form.HTTP10_STREAM, Form.PASS_THROUGH);

    static ChaosScript of(long seed, int number) {
        Random random = new Random(seed * 1_000_003 + number);
        Form form = FORMS.get(random.nextInt(FORMS.size()));
        Fault prefill = fault(random);
        Fault decode = fault(random);
        return new ChaosScript(
                number,
                form,
                prefill,
                // Only generation has a time limit to its first byte.
                form == Form.PASS_THROUGH && decode == Fault.STALL_BEFORE ? Fault.NONE : decode,
                random.nextInt(3) > 0 ? Client.STAYS : Client.values()[random.nextInt(Client.values().length)],
                random.nextInt(10) == 0,
                random.nextInt(20));
    }

    private static Fault fault(Random random) {
        return random.nextBoolean() ? Fault.NONE : Fault.values()[random.nextInt(Fault.values().length)];
    }

    String id() {
        return "chaos-" + number;
    }

    boolean isStreamed() {
        return form == Form.STREAM || form == Form.HTTP10_STREAM;
    }

    /** What the decoder says when it does as it should. */
    String answer() {
        return isStreamed()
                ? "data: {\"n\":" + number + "}\n\ndata: more\n\ndata: [DONE]\n\n"
                : "{\"n\":" + number + ",\"text\":\"" + "x".repeat(100) + "\"}";
    }
}
