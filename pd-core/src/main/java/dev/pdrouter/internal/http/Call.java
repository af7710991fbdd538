package dev.pdrouter.internal.http;

import dev.pdrouter.Body;
import dev.pdrouter.EngineRequest;
import dev.pdrouter.EngineResponse;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One request on one connection, and the answer, whose body hands the connection back. */
final class Call {

    /**
     * More is written beside waiting for the answer, which may come before the engine has read all, or any of it. So much
     * sockets hold by Linux's defaults. On a connection that may have been closed all is written first.
     */
    private static final int WRITTEN_AT_ONCE = 128 * 1024;

    private final ConnectionPool pool;
    private final StreamPumps pumps;
    private final Connection connection;
    private @Nullable Upload upload;

    Call(ConnectionPool pool, StreamPumps pumps, Connection connection) {
        this.pool = pool;
        this.pumps = pumps;
        this.connection = connection;
    }

    /**
     * Sends and waits for the head of the answer.
     *
     * @param doubtful whether the engine may have closed the connection meanwhile
     * @throws StaleConnectionException when it had, the engine did nothing, and the request can be sent again
     */
    EngineResponse send(EngineRequest request, boolean doubtful) throws IOException {
        writeHead(request);
        boolean answered = false;
        try {
            connection.parting().hearOut(request.hearOut());
            BodyOutput output = sendBody(request.body(), doubtful);
            awaitAnswer(output, doubtful);
            ResponseHead head = ResponseHead.read(connection.input());
            AnswerBody body = head.hasBody(request.method())
                    ? head.chunked() ? new ChunkedBody(this, head) : new PlainBody(this, head)
                    : new PlainBody(this, head.withoutBody());
            answered = true;
            return new EngineResponse(head.status(), head.headers(), body);
        } catch (IOException e) {
            throw explain(e);
        } finally {
            if (!answered) {
                abandon();
            }
        }
    }

    private void writeHead(EngineRequest request) {
        try {
            RequestHead.write(request, connection.outgoing());
        } catch (RuntimeException e) {
            pool.release(connection);
            throw e;
        }
    }

    private BodyOutput sendBody(Body body, boolean doubtful) throws IOException {
        BodyOutput output = new BodyOutput(connection, body, doubtful);
        try {
            if (body.isRepeatable() && (doubtful || body.length() <= WRITTEN_AT_ONCE)) {
                try (output) {
                    body.writeTo(output);
                    output.finish();
                }
                connection.parting().sentAll();
            } else {
                output.sendAllBut(0);
                connection.resetOnClose(true);
                upload = new Upload(body, output, connection);
                upload.start();
            }
        } catch (IOException e) {
            if (output.failure() == null) {
                throw e instanceof RequestBodyException ? e : new RequestBodyException(e);
            }
        }
        return output;
    }

    /** Waits for the first byte. An engine may have answered, and closed, before it was sent all. */
    private void awaitAnswer(BodyOutput output, boolean doubtful) throws IOException {
        IOException failure = output.failure();
        try {
            if (connection.input().available() > 0) {
                return;
            }
            connection.awaitArrival();
            if (connection.input().fill()) {
                return;
            }
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            failure = failure == null ? e : failure;
        }
        if (doubtful && !output.isWhole()) {
            throw new StaleConnectionException(failure);
        }
        throw failure == null ? new EOFException("the connection was closed without an answer") : failure;
    }

    InputBuffer input() {
        return connection.input();
    }

    /** Whether the rest of the answer can be carried by a pump: a write in progress would mind the channel's mode. */
    boolean isCarriable() {
        return connection.channel() != null && (upload == null || upload.isDone());
    }

    /**
     * Does the step whenever bytes have come, until it returns false or the engine has closed its side.
     *
     * @throws java.io.InterruptedIOException when the calling thread was interrupted, which it still is then
     */
    void carry(CarriedStream.Step step) throws IOException {
        SocketChannel channel = Objects.requireNonNull(connection.channel());
        connection.awaitedByOthers();
        pumps.next().carry(channel, () -> connection.input().fill(channel) && step.run());
    }

    /** Ends a call whose answer was read to its end. */
    void complete(boolean reusable) {
        if (reusable
                && !connection.parting().isBegun()
                && connection.input().available() == 0
                && (upload == null || upload.hasSentAll())) {
            pool.release(connection);
        } else {
            connection.close();
        }
    }

    /**
     * Ends a call that failed. Without an interrupt, an upload ends at its next write: it may hold the client's socket.
     * Afterwards it is known whether a body that can be repeated was sent whole.
     */
    void abandon() {
        connection.close();
        if (upload != null) {
            if (Thread.currentThread().isInterrupted()) {
                upload.stop();
            }
            upload.awaitLastWrite();
        }
    }

    /** Ends a call whose answer nobody wants any more. */
    void cancel() {
        connection.close();
        if (upload != null) {
            upload.stop();
        }
    }

    /** @return what the failure was a consequence of, if the request's body could not be read */
    IOException explain(IOException e) {
        Throwable source = upload == null ? null : upload.sourceFailure();
        if (source == null) {
            return e;
        }
        return source instanceof RequestBodyException known ? known : new RequestBodyException(source);
    }
}
