package dev.pdrouter.internal.httpclient;

import dev.pdrouter.Body;
import dev.pdrouter.internal.http.RequestBodyException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A body that is read as it is sent, by a virtual thread of its own: reading it on the client's thread would hold up
 * every other exchange.
 */
final class Pump extends OutputStream implements BodyPublisher, Flow.Subscription, Runnable {

    private final Body body;
    private final Thread thread = Thread.ofVirtual().name("pd-upload").unstarted(this);
    private final Semaphore demand = new Semaphore(0);
    private final AtomicReference<Flow.@Nullable Subscriber<? super ByteBuffer>> subscriber = new AtomicReference<>();
    private long written;
    private volatile boolean cancelled;
    private volatile @Nullable Throwable sourceFailure;

    Pump(Body body) {
        this.body = body;
    }

    /** @return why the body could not be read, null when it could */
    @Nullable
    Throwable sourceFailure() {
        return sourceFailure;
    }

    /** Stops it even where it waits for its source, which that source may not survive. */
    void stop() {
        cancelled = true;
        thread.interrupt();
    }

    @Override
    public long contentLength() {
        return body.length();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> given) {
        if (subscriber.compareAndSet(null, given)) {
            given.onSubscribe(this);
            thread.start();
        } else {
            new Pump(body).refuse(given);
        }
    }

    private void refuse(Flow.Subscriber<? super ByteBuffer> given) {
        given.onSubscribe(this);
        given.onError(new IOException("the connection was lost, and the body cannot be sent again"));
    }

    @Override
    public void request(long count) {
        demand.release((int) Math.min(count, 1 << 20));
    }

    /** Ends it at its next write. It is not interrupted: it may read from a client who is owed an answer. */
    @Override
    public void cancel() {
        cancelled = true;
        demand.release();
    }

    @Override
    public void run() {
        Flow.Subscriber<? super ByteBuffer> receiver = subscriber.get();
        if (receiver == null) {
            return;
        }
        try {
            body.writeTo(this);
            if (written < body.length()) {
                throw new RequestBodyException("the request's body ended before its length");
            }
            receiver.onComplete();
        } catch (IOException | RuntimeException | Error e) {
            if (!cancelled) {
                sourceFailure = e;
                receiver.onError(e);
            }
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /** Copies, since the array is the source's, and a delivery is under way for longer than this call. */
    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        written += len;
        if (body.length() >= 0 && written > body.length()) {
            throw new RequestBodyException("the request's body is longer than its length");
        }
        Flow.Subscriber<? super ByteBuffer> receiver = subscriber.get();
        if (len > 0 && receiver != null) {
            awaitDemand();
            receiver.onNext(ByteBuffer.wrap(Arrays.copyOfRange(b, off, off + len)));
        }
    }

    private void awaitDemand() throws IOException {
        try {
            demand.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("the upload was stopped").initCause(e);
        }
        if (cancelled) {
            throw new IOException("the upload was stopped");
        }
    }
}
