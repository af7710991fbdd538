package dev.pdrouter;

/** What becomes of a request whose prefill has failed on every candidate, with every further try. */
public enum OnPrefillFailure {
    /** The client gets the last prefiller's own answer, if it gave one, otherwise an error of the router's. */
    ERROR,
    /**
     * The decoder computes the prompt itself, which slows everybody down whom it is generating for. Connectors whose
     * decoder answers nothing without a prefiller do as {@link #ERROR} says.
     */
    DECODE
}
