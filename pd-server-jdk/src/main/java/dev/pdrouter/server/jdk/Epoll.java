package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import java.io.FileDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.channels.SocketChannel;
import java.util.function.IntConsumer;

/**
 * An epoll set, and the way from an exchange to its socket: what the JDK has and does not show.
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

    private final MethodHandle httpImpl;
    private final MethodHandle httpsImpl;
    private final MethodHandle connection;
    private final MethodHandle channel;
    private final MethodHandle request;
    private final MethodHandle startLine;
    private final Class<?> httpClass;
    private final MethodHandle fdValue;
    private final MethodHandle fd;
    private final MethodHandle poll;
    private final MethodHandle ctl;
    private final MethodHandle await;
    private final MethodHandle eventAt;
    private final MethodHandle descriptorOf;
    private final long events;
    private final int set;
    private volatile boolean closed;

    private Epoll() throws ReflectiveOperationException {
        String server = "sun.net.httpserver.";
        httpClass = Class.forName(server + "HttpExchangeImpl");
        httpImpl = field(httpClass, "impl");
        httpsImpl = field(Class.forName(server + "HttpsExchangeImpl"), "impl");
        connection = field(Class.forName(server + "ExchangeImpl"), "connection");
        channel = field(Class.forName(server + "HttpConnection"), "chan");
        request = field(Class.forName(server + "ExchangeImpl"), "req");
        startLine = field(Class.forName(server + "Request"), "startLine");
        Class<?> selectable = Class.forName("sun.nio.ch.SelChImpl");
        fdValue = method(selectable, "getFDVal");
        fd = method(selectable, "getFD");
        poll = method(Class.forName("sun.nio.ch.Net"), "poll", FileDescriptor.class, int.class, long.class);
        Class<?> native_ = Class.forName("sun.nio.ch.EPoll");
        ctl = method(native_, "ctl", int.class, int.class, int.class, int.class);
        await = method(native_, "wait", int.class, long.class, int.class, int.class);
        eventAt = method(native_, "getEvent", long.class, int.class);
        descriptorOf = method(native_, "getDescriptor", long.class);
        try {
            events = (long) method(native_, "allocatePollArray", int.class).invoke(EVENTS);
            set = (int) method(native_, "create").invoke();
        } catch (Throwable e) {
            throw new ReflectiveOperationException(e);
        }
    }

    static Epoll open() throws ReflectiveOperationException {
        return new Epoll();
    }

    private static MethodHandle field(Class<?> type, String name) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return MethodHandles.lookup().unreflectGetter(field);
    }

    private static MethodHandle method(Class<?> type, String name, Class<?>... parameters)
            throws ReflectiveOperationException {
        Method method = type.getDeclaredMethod(name, parameters);
        method.setAccessible(true);
        return MethodHandles.lookup().unreflect(method);
    }

    /** The socket that an exchange came over. */
    SocketChannel channel(HttpExchange exchange) {
        try {
            return (SocketChannel) channel.invoke(connection.invoke(impl(exchange)));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first line of a request, as it came. */
    String requestLine(HttpExchange exchange) {
        try {
            return (String) startLine.invoke(request.invoke(impl(exchange)));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private Object impl(HttpExchange exchange) throws Throwable {
        return httpClass.isInstance(exchange) ? httpImpl.invoke(exchange) : httpsImpl.invoke(exchange);
    }

    int descriptor(SocketChannel socket) {
        try {
            return (int) fdValue.invoke(socket);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether the peer has closed, or reset, the connection. */
    boolean isClosedByPeer(SocketChannel socket) {
        try {
            int ready = (int) poll.invoke((FileDescriptor) fd.invoke(socket), RDHUP, 0L);
            return (ready & HANG_UP_OR_ERROR) != 0;
        } catch (Throwable e) {
            return !socket.isOpen();
        }
    }

    /** Whether a third of the socket's send buffer is free, which is when Linux says so. */
    boolean isWritable(SocketChannel socket) {
        try {
            return ((int) poll.invoke((FileDescriptor) fd.invoke(socket), OUT, 0L) & (OUT | HANG_UP_OR_ERROR)) == OUT;
        } catch (Throwable e) {
            return false;
        }
    }

    void add(int descriptor) {
        try {
            int error = (int) ctl.invoke(set, CTL_ADD, descriptor, RDHUP | EDGE_TRIGGERED);
            if (error == ALREADY_THERE) {
                ctl.invoke(set, CTL_MOD, descriptor, RDHUP | EDGE_TRIGGERED);
            }
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for events until closed, and passes on each descriptor whose peer closed. */
    void run(IntConsumer closedByPeer) {
        while (!closed) {
            try {
                int count = (int) await.invoke(set, events, EVENTS, WAIT_MILLIS);
                for (int i = 0; i < count; i++) {
                    closedByPeer.accept((int) descriptorOf.invoke((long) eventAt.invoke(events, i)));
                }
            } catch (Throwable e) {
                if (!closed) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    /** The thread in {@link #run} ends within a second; the set itself stays until then. */
    @Override
    public void close() {
        closed = true;
    }
}
