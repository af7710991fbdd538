package dev.pdrouter.internal.httpclient;

import dev.pdrouter.Body;
import dev.pdrouter.internal.http.RequestBodyException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A body that is in memory, published as the ranges that it writes, without a copy.
 *
 * <p>In small pieces: the JDK copies each to memory outside the heap, which it keeps for the thread that did.
 */
final class Ranges implements BodyPublisher {

    private static final int PIECE = 16 * 1024;

    private final Body body;
    private volatile @Nullable RequestBodyException failure;

    /** Asks a repeatable body for its ranges when they are wanted: once there is a connection. */
    Ranges(Body body) {
        this.body = body;
    }

    /** Why the body could not be sent, null when it could. */
    @Nullable
    RequestBodyException failure() {
        return failure;
    }

    private List<ByteBuffer> pieces() throws RequestBodyException {
        List<ByteBuffer> pieces = new ArrayList<>();
        try {
            body.writeTo(new OutputStream() {
                @Override
                public void write(int b) {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] b, int off, int len) {
                    for (int done = 0; done < len; done += PIECE) {
                        pieces.add(ByteBuffer.wrap(b, off + done, Math.min(PIECE, len - done))
                                .asReadOnlyBuffer());
                    }
                }
            });
        } catch (IOException | RuntimeException e) {
            throw new RequestBodyException(e);
        }
        if (pieces.stream().mapToLong(ByteBuffer::remaining).sum() != body.length()) {
            throw new RequestBodyException("the request's body is not as long as its length says");
        }
        return pieces;
    }

    @Override
    public long contentLength() {
        return body.length();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        try {
            subscriber.onSubscribe(new Sending(subscriber, pieces().iterator()));
        } catch (RequestBodyException e) {
            failure = e;
            subscriber.onSubscribe(new Sending(subscriber, Collections.emptyIterator()) {
                @Override
                public void request(long count) {}
            });
            subscriber.onError(e);
        }
    }

    /** One sending of the pieces. The demand may come from within a delivery, and then is met after it. */
    private static class Sending implements Flow.Subscription {

        private final Flow.Subscriber<? super ByteBuffer> subscriber;
        private final Iterator<ByteBuffer> rest;
        private long demand;
        private boolean delivering;
        private boolean over;

        Sending(Flow.Subscriber<? super ByteBuffer> subscriber, Iterator<ByteBuffer> rest) {
            this.subscriber = subscriber;
            this.rest = rest;
        }

        @Override
        public void request(long count) {
            synchronized (this) {
                demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
                if (delivering) {
                    return;
                }
                delivering = true;
            }
            while (isWanted()) {
                if (!rest.hasNext()) {
                    cancel();
                    subscriber.onComplete();
                } else {
                    subscriber.onNext(rest.next().duplicate());
                }
            }
        }

        /** The end needs no demand. */
        private synchronized boolean isWanted() {
            boolean wanted = !over && (demand > 0 || !rest.hasNext());
            demand -= wanted ? 1 : 0;
            delivering = wanted;
            return wanted;
        }

        @Override
        public synchronized void cancel() {
            over = true;
        }
    }
}
