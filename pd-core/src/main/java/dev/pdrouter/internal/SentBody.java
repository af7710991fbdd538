package dev.pdrouter.internal;

import dev.pdrouter.Body;
import java.io.IOException;
import java.io.OutputStream;

/** A body that remembers how far it got: an engine that was not sent all of it knows nothing of the request. */
final class SentBody implements Body {

    private final Body body;
    private volatile boolean begun;
    private volatile boolean whole;

    SentBody(Body body) {
        this.body = body;
    }

    /** Whether a transport has begun to send it. */
    boolean isBegun() {
        return begun;
    }

    /** Whether a transport was given all of it. */
    boolean isWhole() {
        return whole;
    }

    @Override
    public long length() {
        return body.length();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        begun = true;
        whole = false;
        body.writeTo(out);
        whole = true;
    }

    @Override
    public boolean isRepeatable() {
        return body.isRepeatable();
    }
}
