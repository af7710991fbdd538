package dev.pdrouter.internal.http;

import dev.pdrouter.Arrivals;
import dev.pdrouter.Target;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** Makes connections. What it throws says whether there was none, it took too long, or TLS was refused. */
final class Dialer {

    /**
     * So much is to wait in the system for an engine on this machine, in bytes. There is no distance to bridge, and of more
     * the first would have left the processor's cache before the engine reads it.
     */
    private static final int WAITING_NEARBY = 256 * 1024;

    private final long timeoutNanos;
    private final @Nullable SSLContext tls;
    private final boolean onChannels;
    private final Arrivals arrivals;

    /**
     * Connects within the timeout, zero for none.
     *
     * @param onChannels whether a {@link StreamPump} can wait for the connections; then an interrupt closes them, always
     */
    Dialer(Duration timeout, @Nullable SSLContext tls, boolean onChannels, Arrivals arrivals) {
        this.timeoutNanos = timeout.toNanos();
        this.tls = tls;
        this.onChannels = onChannels;
        this.arrivals = arrivals;
    }

    Connection dial(Target engine, Runnable onClose) throws IOException {
        long start = System.nanoTime();
        Socket plain = connect(engine, start);
        try {
            Socket socket = tls == null ? plain : handshake(tls, plain, engine, start);
            return new Connection(engine, plain, socket, socket == plain ? arrivals : Arrivals.NONE, onClose);
        } catch (IOException | RuntimeException e) {
            closeQuietly(plain);
            throw e;
        }
    }

    /** Tries each address of the name; those that do not answer share the time. */
    private Socket connect(Target engine, long start) throws IOException {
        InetAddress[] addresses = Names.resolve(engine.host(), millisLeft(start, 1));
        IOException last = new ConnectException("no address");
        for (int i = 0; i < addresses.length; i++) {
            Socket socket = onChannels ? SocketChannel.open().socket() : new EngineSocket();
            try {
                socket.setTcpNoDelay(true);
                if (addresses[i].isLoopbackAddress()) {
                    socket.setSendBufferSize(WAITING_NEARBY);
                }
                int millis = millisLeft(start, addresses.length - i);
                socket.connect(new InetSocketAddress(addresses[i], engine.port()), millis);
                return socket;
            } catch (IOException e) {
                closeQuietly(socket);
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                last = e;
            }
        }
        throw last instanceof SocketTimeoutException ? last : asConnectException(last);
    }

    private static ConnectException asConnectException(IOException e) {
        if (e instanceof ConnectException already) {
            return already;
        }
        ConnectException wrapped = new ConnectException(e.toString());
        wrapped.initCause(e);
        return wrapped;
    }

    private SSLSocket handshake(SSLContext context, Socket plain, Target engine, long start) throws IOException {
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(plain, engine.host(), engine.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(millisLeft(start, 1));
        try {
            socket.startHandshake();
        } catch (IOException e) {
            throw timeoutIn(e);
        }
        socket.setSoTimeout(0);
        return socket;
    }

    private static IOException timeoutIn(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketTimeoutException timeout) {
                return timeout;
            }
        }
        return e;
    }

    private int millisLeft(long start, int shares) throws SocketTimeoutException {
        if (timeoutNanos == 0) {
            return 0;
        }
        long left = timeoutNanos - (System.nanoTime() - start);
        if (left <= 0) {
            throw new SocketTimeoutException("connect timed out");
        }
        return Math.clamp(left / shares / 1_000_000, 1, Integer.MAX_VALUE);
    }

    static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // It is not needed any more, whatever became of it.
        }
    }
}
