package dev.pdrouter.internal.http;

import dev.pdrouter.Arrivals;
import dev.pdrouter.Target;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an engine, with the buffers that serve one exchange after the other.
 *
 * <p>At any time one thread reads and one writes. Any thread may close it, which ends what those two wait for.
 */
final class Connection {

    /** The JDK copies all that a channel is to read or write at each attempt, however little of it comes through. */
    private static final int AT_ONCE = 128 * 1024;

    private final Target engine;
    private final Socket plain;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final Parting parting;
    private final InputBuffer input = new InputBuffer(this);
    private final SendBuffer outgoing = new SendBuffer();
    private final @Nullable SocketChannel channel;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Arrivals.@Nullable Arrival arrival;
    private final Runnable onClose;
    private volatile boolean isUploading;
    private long idleSince;

    /**
     * A new connection.
     *
     * @param plain what is closed: closing a TLS socket waits for whoever writes to it
     * @param socket what is read and written, the same when there is no TLS
     * @param arrivals waits for the answers
     * @param onClose run once
     */
    Connection(Target engine, Socket plain, Socket socket, Arrivals arrivals, Runnable onClose) throws IOException {
        this.engine = engine;
        this.plain = plain;
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
        this.channel = socket == plain ? plain.getChannel() : null;
        this.parting = new Parting(plain, in, socket == plain);
        this.onClose = onClose;
        this.arrival = arrivals.watch(plain).orElse(null); // when nothing can fail any more
    }

    Target engine() {
        return engine;
    }

    InputBuffer input() {
        return input;
    }

    SendBuffer outgoing() {
        return outgoing;
    }

    Parting parting() {
        return parting;
    }

    long idleSince() {
        return idleSince;
    }

    /** Makes it ready to wait for the next exchange. */
    void rest(long now) {
        input.clear();
        outgoing.clear();
        if (arrival != null) {
            arrival.forget();
        }
        idleSince = now;
    }

    /** Waits for the first byte of an answer, if that can be had for less than by reading. */
    void awaitArrival() {
        if (arrival != null && !parting.isBegun()) {
            arrival.await();
        }
    }

    /** Others wait for the rest of the answer. */
    void awaitedByOthers() {
        if (arrival != null) {
            arrival.pause();
        }
    }

    int read(byte[] b, int off, int len) throws IOException {
        try {
            return parting.read(b, off, Math.min(len, AT_ONCE));
        } catch (IOException e) {
            close();
            throw interruptedOr(e);
        }
    }

    /** @return what a {@link StreamPump} can wait for, if it can; under TLS bytes that came are not yet bytes to read */
    @Nullable
    SocketChannel channel() {
        return channel;
    }

    /** Writes; when that fails the connection stays open, since an answer may have come before. */
    void write(byte[] b, int off, int len) throws IOException {
        try {
            int written = channel == null || isUploading ? 0 : writeNow(channel, b, off, len);
            while (written < len) {
                int piece = Math.min(len - written, AT_ONCE);
                out.write(b, off + written, piece);
                written += piece;
            }
        } catch (IOException e) {
            throw interruptedOr(e);
        }
    }

    /**
     * Writes what needs no waiting, and, while somebody else waits for the answer, all of it; for a connection with a channel.
     * When that fails the connection stays open.
     */
    void write(ByteBuffer bytes) throws IOException {
        SocketChannel out = Objects.requireNonNull(channel);
        try {
            if (!isUploading) {
                writeNow(out, bytes);
            }
            while (isUploading && bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw interruptedOr(e);
        }
    }

    /** Writes what needs no waiting: an interrupt, which closes a channel in a write that waits, cannot come between. */
    private static int writeNow(SocketChannel channel, byte[] b, int off, int len) throws IOException {
        int written = 0;
        for (int more = AT_ONCE; more == AT_ONCE && written < len; written += more) {
            more = writeNow(channel, ByteBuffer.wrap(b, off + written, Math.min(len - written, AT_ONCE)));
        }
        return written;
    }

    private static int writeNow(SocketChannel channel, ByteBuffer bytes) throws IOException {
        channel.configureBlocking(false);
        try {
            return channel.write(bytes);
        } finally {
            if (channel.isOpen()) {
                channel.configureBlocking(true);
            }
        }
    }

    /** Whether the engine sent bytes that nobody asked for. */
    boolean hasUnread() throws IOException {
        return in.available() > 0;
    }

    /**
     * Whether the engine has closed its side, as far as is known by now. Bytes that came are kept. An interrupt has to
     * wait: it comes either before a request is begun or when it is whole, so that whoever wrote it knows which.
     */
    boolean isEnded() throws IOException {
        if (channel != null) {
            return isEnded(channel);
        }
        socket.setSoTimeout(1);
        boolean interrupted = Thread.interrupted();
        parting.keepOpen();
        try {
            return !input.fill(in);
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return !Thread.currentThread().isInterrupted();
        } finally {
            parting.letGo();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (!plain.isClosed()) {
                socket.setSoTimeout(0);
            }
        }
    }

    private boolean isEnded(SocketChannel look) throws IOException {
        look.configureBlocking(false);
        try {
            return !input.fill(look);
        } catch (IOException e) {
            return true;
        } finally {
            if (look.isOpen()) {
                look.configureBlocking(true);
            }
        }
    }

    private static IOException interruptedOr(IOException e) {
        if (!Thread.currentThread().isInterrupted() || e.getClass() == InterruptedIOException.class) {
            return e;
        }
        InterruptedIOException interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(e);
        return interrupted;
    }

    /**
     * Whether closing throws away what the engine has not read yet. While a body is under way it must: the end of the
     * connection would otherwise wait behind it, and an engine that is busy would learn of it late or never.
     */
    void resetOnClose(boolean on) throws IOException {
        isUploading = on;
        plain.setSoLinger(on, 0);
    }

    /** Closes it now: the engine sees that nobody waits any more. */
    void close() {
        if (closed.compareAndSet(false, true)) {
            onClose.run();
            if (arrival != null) {
                arrival.close();
            }
            Dialer.closeQuietly(plain);
        }
    }

    /** Closes it while no exchange runs, telling the engine so under TLS. */
    void closeIdle() {
        if (socket != plain) {
            try {
                socket.shutdownOutput();
            } catch (IOException | UnsupportedOperationException e) {
                // The engine was faster.
            }
        }
        close();
    }
}
