package dev.pdrouter.internal.http;

import dev.pdrouter.Body;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A body that is sent while the answer is awaited and read, since an engine may answer before it has read it all. */
final class Upload implements Runnable {

    private static final Duration MOMENT = Duration.ofMillis(10);

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
        } catch (IOException | RuntimeException | Error e) {
            if (output.failure() == null) {
                sourceFailure = e;
                connection.close();
            }
            return;
        }
        try {
            connection.resetOnClose(false);
            connection.parting().sentAll();
            done = true;
        } catch (IOException e) {
            connection.close(); // as somebody has done meanwhile
        }
    }

    boolean isDone() {
        return done;
    }

    /** As {@link #isDone}, or as it is about to be: the engine may have answered the last bytes before this thread went on. */
    boolean hasSentAll() {
        if (!done && output.isWhole()) {
            awaitEnd();
        }
        return done;
    }

    /** For a body that can be repeated: it waits for nothing but its connection, which has to be closed. */
    void awaitLastWrite() {
        if (!done && body.isRepeatable()) {
            awaitEnd();
        }
    }

    private void awaitEnd() {
        boolean interrupted = Thread.interrupted();
        try {
            thread.join(MOMENT);
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
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
