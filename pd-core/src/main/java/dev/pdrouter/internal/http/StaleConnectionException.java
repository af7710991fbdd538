package dev.pdrouter.internal.http;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A pooled connection that the engine had closed before the request was whole, so that it can be sent once more. */
final class StaleConnectionException extends IOException {

    private static final long serialVersionUID = 1L;

    StaleConnectionException(@Nullable Throwable cause) {
        super("the engine had closed the idle connection", cause);
    }
}
