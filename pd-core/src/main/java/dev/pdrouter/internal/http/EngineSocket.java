package dev.pdrouter.internal.http;

import java.io.IOException;
import java.net.Proxy;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/**
 * A socket that an interrupt of its reader need not close.
 *
 * <p>A read of {@link Socket} that finds its virtual thread interrupted calls {@link #close} on that thread. An exchange
 * that has to be heard out needs the socket still.
 */
final class EngineSocket extends Socket {

    /** Compared with the current thread only, so that each thread needs to see but its own writes. */
    private @Nullable Thread keeper;

    EngineSocket() {
        super(Proxy.NO_PROXY);
    }

    /** Until {@link #letGo} an interrupt of the calling thread does not close the socket. */
    void keepOpen() {
        keeper = Thread.currentThread();
    }

    void letGo() {
        keeper = null;
    }

    @Override
    public void close() throws IOException {
        if (keeper != Thread.currentThread()) {
            super.close();
        }
    }
}
