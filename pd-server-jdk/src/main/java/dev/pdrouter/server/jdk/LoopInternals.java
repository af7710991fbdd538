package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpServer;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.Socket;
import java.net.SocketImpl;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.Executor;

/**
 * The ways into the JDK that an {@link EventLoop} needs beyond those of {@link JdkInternals}: constants, which the compiler
 * sees through.
 *
 * <p>All are looked up at once, so that a JVM without the {@code --add-opens} or another JDK is found out at the start, by
 * a {@link LinkageError}.
 */
final class LoopInternals {

    static final MethodHandle EVENTS_OF;
    static final MethodHandle NEW_EVENT_FD;
    static final MethodHandle EVENT_FD;
    static final MethodHandle SET_EVENT;
    static final MethodHandle DESCRIPTOR;
    static final MethodHandle KILL;

    private static final MethodHandle NEW_BUILDER;
    private static final MethodHandle DEFAULT_SCHEDULER;
    private static final MethodHandle SOCKET_IMPL;
    private static final MethodHandle SOCKET_FD;
    private static final MethodHandle SERVER;
    private static final MethodHandle LISTENER;
    private static final MethodHandle SELECTOR;
    private static final MethodHandle SET_SELECTOR;
    private static final MethodHandle LISTENER_KEY;
    private static final MethodHandle SET_LISTENER_KEY;

    static {
        try {
            Class<?> epoll = Class.forName("sun.nio.ch.EPoll");
            EVENTS_OF = method(epoll, "getEvents", long.class);
            Class<?> eventFd = Class.forName("sun.nio.ch.EventFD");
            NEW_EVENT_FD = constructor(eventFd);
            EVENT_FD = method(eventFd, "efd");
            SET_EVENT = method(eventFd, "set");
            DESCRIPTOR = method(Class.forName("sun.nio.ch.IOUtil"), "fdVal", FileDescriptor.class);
            KILL = method(Class.forName("sun.nio.ch.SelChImpl"), "kill");
            NEW_BUILDER = constructor(Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder"), Executor.class);
            DEFAULT_SCHEDULER = method(Class.forName("java.lang.VirtualThread"), "defaultScheduler");
            SOCKET_IMPL = getter(Socket.class, "impl");
            SOCKET_FD = getter(SocketImpl.class, "fd");
            Class<?> server = Class.forName("sun.net.httpserver.ServerImpl");
            SERVER = getter(Class.forName("sun.net.httpserver.HttpServerImpl"), "server");
            LISTENER = getter(server, "schan");
            SELECTOR = getter(server, "selector");
            SET_SELECTOR = setter(server, "selector");
            LISTENER_KEY = getter(server, "listenerKey");
            SET_LISTENER_KEY = setter(server, "listenerKey");
            // Its threads are virtual ones, which are not to be started by, and so run on, a loop.
            Class.forName("sun.nio.ch.Poller");
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new LinkageError(e.toString(), e);
        }
    }

    private LoopInternals() {}

    /** Virtual threads that a scheduler runs. */
    static Thread.Builder.OfVirtual threadsOf(Executor scheduler) {
        try {
            return (Thread.Builder.OfVirtual) NEW_BUILDER.invoke(scheduler);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Virtual threads as they are when nobody says anything else, also when started by one that is not. */
    static Thread.Builder.OfVirtual ordinaryThreads() {
        try {
            return threadsOf((Executor) DEFAULT_SCHEDULER.invoke());
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The descriptor of a socket without a channel. */
    static int descriptor(Socket socket) {
        try {
            return (int) DESCRIPTOR.invoke((FileDescriptor) SOCKET_FD.invoke((SocketImpl) SOCKET_IMPL.invoke(socket)));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a way into the JDK threw, if that was its own failure. */
    static IOException asIoException(Throwable e) {
        return switch (e) {
            case IOException known -> known;
            case RuntimeException own -> throw own;
            case Error own -> throw own;
            default -> new IOException(e);
        };
    }

    /** Has a server that was not started yet wait by another selector. */
    static void replaceSelector(HttpServer server, Selector selector) throws IOException {
        try {
            Object impl = SERVER.invoke(server);
            ServerSocketChannel listener = (ServerSocketChannel) LISTENER.invoke(impl);
            Selector old = (Selector) SELECTOR.invoke(impl);
            ((SelectionKey) LISTENER_KEY.invoke(impl)).cancel();
            old.close();
            SET_LISTENER_KEY.invoke(impl, listener.register(selector, SelectionKey.OP_ACCEPT));
            SET_SELECTOR.invoke(impl, selector);
        } catch (Throwable e) {
            throw asIoException(e);
        }
    }

    private static MethodHandle getter(Class<?> type, String name) throws ReflectiveOperationException {
        return MethodHandles.lookup().unreflectGetter(field(type, name));
    }

    private static MethodHandle setter(Class<?> type, String name) throws ReflectiveOperationException {
        return MethodHandles.lookup().unreflectSetter(field(type, name));
    }

    private static Field field(Class<?> type, String name) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    private static MethodHandle method(Class<?> type, String name, Class<?>... parameters)
            throws ReflectiveOperationException {
        Method method = type.getDeclaredMethod(name, parameters);
        method.setAccessible(true);
        return MethodHandles.lookup().unreflect(method);
    }

    private static MethodHandle constructor(Class<?> type, Class<?>... parameters) throws ReflectiveOperationException {
        Constructor<?> constructor = type.getDeclaredConstructor(parameters);
        constructor.setAccessible(true);
        return MethodHandles.lookup().unreflectConstructor(constructor);
    }
}
