package dev.pdrouter.internal.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a connection's reader leaves when it is interrupted: at once, or by a half-close after which it reads on for a
 * while, since the answer may be on its way.
 *
 * <p>Used by the thread that reads, but for {@link #sentAll}.
 */
final class Parting {

    private final @Nullable EngineSocket socket;
    private final InputStream in;
    private long hearOutNanos;
    private volatile boolean sentAll;
    private boolean begun;
    private long end;

    /**
     * The way to leave a connection.
     *
     * @param socket one that is no {@link EngineSocket} can only be left at once
     * @param in what is read
     * @param canHalfClose false under TLS, where the end of one direction is the end of both to most engines, and cannot
     *     be sent while another thread writes
     */
    Parting(Socket socket, InputStream in, boolean canHalfClose) {
        this.socket = canHalfClose && socket instanceof EngineSocket own ? own : null;
        this.in = in;
    }

    /** For the next exchange. */
    void hearOut(Duration patience) {
        hearOutNanos = patience.toNanos();
        sentAll = false;
    }

    /** The engine has been sent the whole request, so that it may answer. */
    void sentAll() {
        sentAll = true;
    }

    /** Whether the connection's sending side is shut. */
    boolean isBegun() {
        return begun;
    }

    int read(byte[] b, int off, int len) throws IOException {
        EngineSocket own = socket;
        if (hearOutNanos == 0 || own == null) {
            requireNotInterrupted();
            return in.read(b, off, len);
        }
        if (!begun) {
            try {
                requireNotInterrupted();
                return readKeepingOpen(b, off, len);
            } catch (IOException e) {
                if (!Thread.currentThread().isInterrupted() || !sentAll) {
                    throw e;
                }
            }
            own.shutdownOutput();
            begun = true;
            end = System.nanoTime() + hearOutNanos;
        }
        return readOn(own, b, off, len);
    }

    /** The thread's interrupt status, which would end the read, is put aside meanwhile. */
    private int readOn(EngineSocket own, byte[] b, int off, int len) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                own.setSoTimeout(millisLeft());
                try {
                    return readKeepingOpen(b, off, len);
                } catch (SocketTimeoutException e) {
                    // The time is over, or will be soon.
                } catch (IOException e) {
                    if (!Thread.interrupted()) {
                        throw e;
                    }
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private int readKeepingOpen(byte[] b, int off, int len) throws IOException {
        keepOpen();
        try {
            return in.read(b, off, len);
        } finally {
            letGo();
        }
    }

    /** Until {@link #letGo} an interrupt of the calling thread does not close the socket, if that can be had. */
    void keepOpen() {
        if (socket != null) {
            socket.keepOpen();
        }
    }

    void letGo() {
        if (socket != null) {
            socket.letGo();
        }
    }

    private int millisLeft() throws SocketTimeoutException {
        long left = end - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("nothing came after the half-close");
        }
        return (int) (left / 1_000_000) + 1;
    }

    private static void requireNotInterrupted() throws InterruptedIOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted");
        }
    }
}
