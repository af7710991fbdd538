package dev.pdrouter.server.jdk;

import java.io.FileDescriptor;
import java.nio.channels.SocketChannel;
import java.util.function.IntConsumer;

/**
 * An epoll set: what the JDK has and does not show.
 *
 * <p>Everything is looked up in {@link #open}, so that a JVM without the two {@code --add-opens}, another operating
 * system or another JDK is found out at the start.
 */
final class Epoll implements AutoCloseable {

    private static final int CTL_ADD = 1;
    private static final int CTL_MOD = 3;
    private static final int ALREADY_THERE = 17; // EEXIST
    private static final int RDHUP = 0x2000;
    private static final int OUT = 0x4;
    private static final int EDGE_TRIGGERED = 1 << 31;
    private static final short HANG_UP_OR_ERROR = 0x2000 | 0x10 | 0x8;
    private static final int EVENTS = 256;
    private static final int WAIT_MILLIS = 1000;

    private final long events;
    private final int set;
    private volatile boolean closed;

    private Epoll() throws ReflectiveOperationException {
        try {
            events = (long) JdkInternals.ALLOCATE_EVENTS.invoke(EVENTS);
            set = (int) JdkInternals.CREATE.invoke();
        } catch (LinkageError e) {
            throw e;
        } catch (Throwable e) {
            throw new ReflectiveOperationException(e);
        }
    }

    static Epoll open() throws ReflectiveOperationException {
        return new Epoll();
    }

    /** Whether the peer has closed, or reset, the connection. */
    boolean isClosedByPeer(SocketChannel socket) {
        try {
            int ready = (int) JdkInternals.POLL.invoke((FileDescriptor) JdkInternals.FD.invoke(socket), RDHUP, 0L);
            return (ready & HANG_UP_OR_ERROR) != 0;
        } catch (Throwable e) {
            return !socket.isOpen();
        }
    }

    /** Whether a third of the socket's send buffer is free, which is when Linux says so. */
    boolean isWritable(SocketChannel socket) {
        try {
            return ((int) JdkInternals.POLL.invoke((FileDescriptor) JdkInternals.FD.invoke(socket), OUT, 0L)
                            & (OUT | HANG_UP_OR_ERROR))
                    == OUT;
        } catch (Throwable e) {
            return false;
        }
    }

    synchronized void add(int descriptor) {
        if (closed) {
            return; // the number of the set may be another file's by now
        }
        try {
            int error = (int) JdkInternals.CTL.invoke(set, CTL_ADD, descriptor, RDHUP | EDGE_TRIGGERED);
            if (error == ALREADY_THERE) {
                JdkInternals.CTL.invoke(set, CTL_MOD, descriptor, RDHUP | EDGE_TRIGGERED);
            }
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for events until closed, and passes on each descriptor whose peer closed. */
    void run(IntConsumer closedByPeer) {
        while (!closed) {
            try {
                int count = (int) JdkInternals.WAIT.invoke(set, events, EVENTS, WAIT_MILLIS);
                for (int i = 0; i < count; i++) {
                    closedByPeer.accept(
                            (int) JdkInternals.DESCRIPTOR_OF.invoke((long) JdkInternals.EVENT_AT.invoke(events, i)));
                }
            } catch (Throwable e) {
                if (!closed) {
                    throw new IllegalStateException(e);
                }
            }
        }
        release();
    }

    private void release() {
        try {
            JdkInternals.CLOSE_DESCRIPTOR.invoke(set);
            JdkInternals.FREE_EVENTS.invoke(events);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The thread in {@link #run} ends within a second, and the set with it. */
    @Override
    public synchronized void close() {
        closed = true;
    }
}
