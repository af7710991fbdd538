package dev.pdrouter.internal;

import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;

/** A prefiller, or what stands before it, cannot serve anybody now; its answer is the client's if no other can. */
final class OutOfService extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Target prefiller;
    private final transient PrefillAnswer answer;

    OutOfService(Target prefiller, PrefillAnswer answer) {
        super("answered " + answer.status(), null, false, false);
        this.prefiller = prefiller;
        this.answer = answer;
    }

    PrefillAnswer answer() {
        return answer;
    }

    EngineFailed failure() {
        return EngineFailed.answered(Stage.PREFILL, prefiller, answer.status());
    }
}
