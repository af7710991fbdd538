package dev.pdrouter.testkit;

import java.io.IOException;

/** A request that no HTTP/1.1 server should take. */
final class MalformedRequest extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedRequest(String message) {
        super(message);
    }
}
