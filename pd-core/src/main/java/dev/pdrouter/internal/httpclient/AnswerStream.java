package dev.pdrouter.internal.httpclient;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer: the client's thread lays down what came, one delivery ahead of the thread that reads.
 *
 * <p>Read by one thread; any other may close it. A close before the end drops the connection.
 */
final class AnswerStream extends InputStream implements BodySubscriber<AnswerStream> {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Flow.@Nullable Subscription subscription;
    private @Nullable List<ByteBuffer> delivered;
    private @Nullable Throwable failure;
    private boolean ended;
    private boolean closed;

    /** The reader's own, but for {@link #available}, which only the reader calls. */
    private List<ByteBuffer> taken = List.of();

    @Override
    public CompletionStage<AnswerStream> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        lock.lock();
        try {
            subscription = given;
            if (closed) {
                given.cancel();
                return;
            }
        } finally {
            lock.unlock();
        }
        given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        change(() -> delivered = buffers);
    }

    @Override
    public void onError(Throwable why) {
        change(() -> failure = why);
    }

    @Override
    public void onComplete() {
        change(() -> ended = true);
    }

    private void change(Runnable what) {
        lock.lock();
        try {
            what.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        if (count == 0) {
            return 0;
        }
        int read = 0;
        while (read < count && (read == 0 ? await() : available() > 0)) {
            read += takeInto(bytes, offset + read, count - read);
        }
        return read == 0 ? -1 : read;
    }

    private int takeInto(byte[] bytes, int offset, int count) {
        int before = count;
        int left = count;
        if (remaining(taken) == 0) {
            takeDelivery();
        }
        for (ByteBuffer buffer : taken) {
            int size = Math.min(left, buffer.remaining());
            buffer.get(bytes, offset + before - left, size);
            left -= size;
        }
        return before - left;
    }

    /** Asks for the next delivery at once: what has come already is then seen by {@link #available}. */
    private void takeDelivery() {
        lock.lock();
        try {
            taken = delivered == null ? List.of() : delivered;
            delivered = null;
        } finally {
            lock.unlock();
        }
        if (subscription != null) {
            subscription.request(1);
        }
    }

    /** Waits for a byte. @return false at the end */
    private boolean await() throws IOException {
        lock.lock();
        try {
            while (true) {
                if (closed) {
                    throw new IOException("the answer's body was closed before its end");
                }
                if (remaining(taken) > 0 || delivered != null) {
                    return true;
                }
                if (failure != null) {
                    throw new IOException("the connection broke off within the body of the answer", failure);
                }
                if (ended) {
                    return false;
                }
                changed.await();
            }
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return closed ? 0 : remaining(taken) + (delivered == null ? 0 : remaining(delivered));
        } finally {
            lock.unlock();
        }
    }

    private static int remaining(List<ByteBuffer> buffers) {
        int sum = 0;
        for (ByteBuffer buffer : buffers) {
            sum += buffer.remaining();
        }
        return sum;
    }

    @Override
    public void close() {
        Flow.Subscription dropped = null;
        lock.lock();
        try {
            if (!closed && !ended && failure == null) {
                closed = true;
                dropped = subscription;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (dropped != null) {
            dropped.cancel();
        }
    }
}
