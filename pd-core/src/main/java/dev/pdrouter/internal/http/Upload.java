package dev.pdrouter.internal.http;

import dev.pdrouter.Body;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A body that is sent while the answer is awaited and read, since an engine may answer before it has read it all. */
final class Upload implements Runnable {

    private final Body body;
    private final BodyOutput output;
    private final Connection connection;
    private final Thread thread = Thread.ofVirtual().name("pd-upload").unstarted(this);
    private volatile @Nullable Throwable sourceFailure;
    private volatile boolean done;

    Upload(Body body, BodyOutput output, Connection connection) {
        this.body = body;
        this.output = output;
        this.connection = connection;
    }

    void start() {
        thread.start();
    }

    @Override
    public void run() {
        try (output) {
            body.writeTo(output);
            output.finish();
            connection.resetOnClose(false);
            connection.parting().sentAll();
            done = true;
        } catch (IOException | RuntimeException | Error e) {
            if (output.failure() == null) {
                sourceFailure = e;
                connection.close();
            }
        }
    }

    boolean isDone() {
        return done;
    }

    /** @return why the body could not be read, null when it could */
    @Nullable
    Throwable sourceFailure() {
        return sourceFailure;
    }

    /** Stops it even where it waits for its source, which that source may not survive. */
    void stop() {
        if (!done) {
            thread.interrupt();
        }
    }
}
