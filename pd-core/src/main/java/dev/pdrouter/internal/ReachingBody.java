package dev.pdrouter.internal;

import dev.pdrouter.Body;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;

/**
 * A leg's body that tells when its engine was reached: a transport that asks for a body only once there is a connection
 * to write it to, as both of ours do, makes that known.
 */
final class ReachingBody implements Body {

    private final Body body;
    private final CountDownLatch known = new CountDownLatch(1);
    private volatile boolean reached;

    ReachingBody(Body body) {
        this.body = body;
    }

    /** Waits until the engine was reached, or the call is over without; returns which. */
    boolean await() throws InterruptedException {
        known.await();
        return reached;
    }

    /** The call is over. */
    void over() {
        known.countDown();
    }

    @Override
    public long length() {
        return body.length();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        reached = true;
        known.countDown();
        body.writeTo(out);
    }

    @Override
    public boolean isRepeatable() {
        return body.isRepeatable();
    }
}
