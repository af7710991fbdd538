package dev.pdrouter;

import java.util.Locale;

/** A part of a request's work, done by one engine. */
public enum Stage {
    /** Computes what the model sees and hears in a prompt's media; done by an encoder. */
    ENCODE("encoder"),
    /** Computes the KV cache of the prompt; done by a prefiller. */
    PREFILL("prefiller"),
    /** Generates the answer; done by the decoder. */
    DECODE("decoder");

    private final String engine;

    Stage(String engine) {
        this.engine = engine;
    }

    /**
     * The word for an engine that does this stage.
     *
     * @return {@code encoder}, {@code prefiller} or {@code decoder}
     */
    public String engine() {
        return engine;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
