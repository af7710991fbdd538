package dev.pdrouter.internal.http;

import java.io.IOException;
import java.io.InterruptedIOException;

/** A read was interrupted, and the engine, which was to be heard out, was left without. */
final class LostAnswerException extends InterruptedIOException {
    private static final long serialVersionUID = 1L;

    LostAnswerException(IOException cause) {
        super("interrupted");
        initCause(cause);
    }
}
