package dev.pdrouter.internal.httpclient;

import dev.pdrouter.Body;
import dev.pdrouter.internal.http.RequestBodyException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Flow;

/**
 * A body that is in memory, published as the ranges that it writes, without a copy.
 *
 * <p>In small pieces: the JDK copies each to memory outside the heap, which it keeps for the thread that did.
 */
final class Ranges implements BodyPublisher {

    private static final int PIECE = 16 * 1024;

    private final List<ByteBuffer> pieces;
    private final long length;

    private Ranges(List<ByteBuffer> pieces, long length) {
        this.pieces = pieces;
        this.length = length;
    }

    /** Asks a repeatable body for its ranges. */
    static Ranges of(Body body) throws RequestBodyException {
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
        } catch (IOException e) {
            throw new RequestBodyException(e);
        }
        long length = pieces.stream().mapToLong(ByteBuffer::remaining).sum();
        if (length != body.length()) {
            throw new RequestBodyException("the request's body is not as long as its length says");
        }
        return new Ranges(pieces, length);
    }

    @Override
    public long contentLength() {
        return length;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        subscriber.onSubscribe(new Sending(subscriber, pieces.iterator()));
    }

    /** One sending of the pieces. The demand may come from within a delivery, and then is met after it. */
    private static final class Sending implements Flow.Subscription {

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
