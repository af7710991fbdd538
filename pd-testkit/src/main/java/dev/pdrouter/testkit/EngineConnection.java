package dev.pdrouter.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * One connection to an engine, call after call.
 *
 * <p>One thread reads, another handles: so a peer that leaves is seen while the handler is busy.
 */
final class EngineConnection implements Runnable {
    private final Engine engine;
    private final Socket socket;
    private final int number;
    private final WireInput in;
    private final OutputStream out;
    private volatile boolean closed;

    EngineConnection(Engine engine, Socket socket, int number) throws IOException {
        this.engine = engine;
        this.socket = socket;
        this.number = number;
        socket.setTcpNoDelay(true);
        in = new WireInput(socket.getInputStream());
        out = socket.getOutputStream();
    }

    int number() {
        return number;
    }

    Signal signal() {
        return engine.signal();
    }

    void write(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    @Override
    public void run() {
        try {
            while (!closed && in.awaitByte()) {
                serveOne();
            }
        } catch (MalformedRequest e) {
            engine.malformed(String.valueOf(e.getMessage()));
            refuse();
        } catch (IOException | UncheckedIOException | RejectedExecutionException e) {
            // The peer broke off, or the engine was closed; whoever did it knows.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close();
            engine.ended(this);
        }
    }

    private void serveOne() throws IOException, InterruptedException {
        RequestHead head = HeadReader.read(in);
        CountDownLatch bodyDone = new CountDownLatch(1);
        RequestBody stream = new RequestBody(in, head, () -> continueIfAsked(head), bodyDone::countDown);
        byte[] body = engine.streamsBodies() ? new byte[0] : stream.readAllBytes();
        EngineCall call = new EngineCall(this, head, stream, body);
        CountDownLatch handled = new CountDownLatch(1);
        CountDownLatch next = new CountDownLatch(1);
        engine.received(call);
        engine.start(() -> {
            try {
                engine.handle(call);
                if (call.answered().isEmpty()) {
                    call.cut();
                } else if (!stream.isEnded()) {
                    close();
                }
            } finally {
                handled.countDown();
                bodyDone.countDown();
            }
            closeWhenIdle(next);
        });
        bodyDone.await();
        try {
            if (stream.isBroken() || !awaitNext() && !closed) {
                call.peerLeft();
            }
        } finally {
            next.countDown();
            handled.await();
        }
    }

    private boolean awaitNext() {
        try {
            return in.awaitByte();
        } catch (IOException e) {
            return false;
        }
    }

    private void closeWhenIdle(CountDownLatch next) {
        try {
            if (!next.await(engine.idleTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
                close();
            }
        } catch (InterruptedException e) {
            close();
        }
    }

    private void continueIfAsked(RequestHead head) {
        try {
            if (head.says("Expect", "100-continue")) {
                write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void refuse() {
        try {
            write(("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
                            + "Content-Length: 30\r\n\r\nInvalid HTTP request received.")
                    .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // It does not want to know.
        }
    }

    void close() {
        closed = true;
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing is left to close.
        }
    }

    void reset() {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // It is closed already.
        }
        close();
    }
}
