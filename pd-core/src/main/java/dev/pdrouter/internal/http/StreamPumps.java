package dev.pdrouter.internal.http;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** As many pumps as it takes to keep up with all streams, each started when it is first needed. */
final class StreamPumps implements AutoCloseable {

    private static final int MOST = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 8);

    private final @Nullable StreamPump[] pumps = new StreamPump[MOST];
    private int turn;
    private boolean closed;

    /** The next pump in turn. */
    synchronized StreamPump next() throws IOException {
        if (closed) {
            throw new IOException("the transport was closed");
        }
        turn = (turn + 1) % MOST;
        StreamPump pump = pumps[turn];
        if (pump == null) {
            pump = new StreamPump();
            pumps[turn] = pump;
        }
        return pump;
    }

    /** Ends their threads; the streams that they carry go on in their own. */
    @Override
    public synchronized void close() {
        closed = true;
        for (StreamPump pump : pumps) {
            if (pump != null) {
                pump.close();
            }
        }
    }
}
