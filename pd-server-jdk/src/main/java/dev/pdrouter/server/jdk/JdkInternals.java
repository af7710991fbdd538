package dev.pdrouter.server.jdk;

import java.io.FileDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.nio.channels.SelectableChannel;

/**
 * The ways into the JDK that {@link Epoll} and {@link LoopSet} need: constants, which the compiler sees through.
 *
 * <p>All are looked up at once, so that a JVM without the {@code --add-opens}, another operating system or another
 * JDK is found out at the start, by a {@link LinkageError}.
 */
final class JdkInternals {

    static final MethodHandle FD;
    static final MethodHandle POLL;
    static final MethodHandle CTL;
    static final MethodHandle WAIT;
    static final MethodHandle EVENT_AT;
    static final MethodHandle DESCRIPTOR_OF;
    static final MethodHandle ALLOCATE_EVENTS;
    static final MethodHandle CREATE;
    static final MethodHandle FREE_EVENTS;
    static final MethodHandle CLOSE_DESCRIPTOR;

    private static final MethodHandle FD_VALUE;

    static {
        try {
            Class<?> selectable = Class.forName("sun.nio.ch.SelChImpl");
            FD_VALUE = method(selectable, "getFDVal");
            FD = method(selectable, "getFD");
            POLL = method(Class.forName("sun.nio.ch.Net"), "poll", FileDescriptor.class, int.class, long.class);
            Class<?> epoll = Class.forName("sun.nio.ch.EPoll");
            CTL = method(epoll, "ctl", int.class, int.class, int.class, int.class);
            WAIT = method(epoll, "wait", int.class, long.class, int.class, int.class);
            EVENT_AT = method(epoll, "getEvent", long.class, int.class);
            DESCRIPTOR_OF = method(epoll, "getDescriptor", long.class);
            ALLOCATE_EVENTS = method(epoll, "allocatePollArray", int.class);
            CREATE = method(epoll, "create");
            FREE_EVENTS = method(epoll, "freePollArray", long.class);
            CLOSE_DESCRIPTOR = inherited(Class.forName("sun.nio.ch.FileDispatcherImpl"), "closeIntFD", int.class);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new LinkageError(e.toString(), e);
        }
    }

    private JdkInternals() {}

    /**
     * The number by which the system knows a channel's socket.
     *
     * <p>Called for each request, and here alone: a handle that is invoked with arguments of two types is adapted anew at
     * every turn between them, which takes longer than the call.
     */
    static int descriptor(SelectableChannel channel) {
        try {
            return (int) FD_VALUE.invoke(channel);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MethodHandle method(Class<?> type, String name, Class<?>... parameters)
            throws ReflectiveOperationException {
        Method method = type.getDeclaredMethod(name, parameters);
        method.setAccessible(true);
        return MethodHandles.lookup().unreflect(method);
    }

    /** Releases of the JDK differ in which class of a family declares it. */
    private static MethodHandle inherited(Class<?> type, String name, Class<?>... parameters)
            throws ReflectiveOperationException {
        try {
            return method(type, name, parameters);
        } catch (NoSuchMethodException e) {
            if (type.getSuperclass() == null) {
                throw e;
            }
            return inherited(type.getSuperclass(), name, parameters);
        }
    }
}
