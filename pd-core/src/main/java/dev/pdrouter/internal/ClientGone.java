package dev.pdrouter.internal;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The client cannot be read from or written to any more. */
final class ClientGone extends IOException {

    private static final long serialVersionUID = 1L;

    ClientGone(String what, @Nullable IOException cause) {
        super(what, cause);
    }
}
