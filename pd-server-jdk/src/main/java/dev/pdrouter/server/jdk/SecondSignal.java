package dev.pdrouter.server.jdk;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process at once when it is told to stop a second time: whoever does that does not want to wait for running
 * requests. The JVM by itself ignores signals once it is shutting down.
 *
 * <p>By reflection, since {@code sun.misc.Signal} has no successor, and its use is a compiler warning that cannot be
 * switched off.
 */
final class SecondSignal {

    private static final Logger LOG = LoggerFactory.getLogger(SecondSignal.class);

    private SecondSignal() {}

    /** From now on SIGTERM and SIGINT end the process with the status that a shell shows for a signal. */
    static void endsAtOnce() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            handle(signal, handler, "TERM", 128 + 15);
            handle(signal, handler, "INT", 128 + 2);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("a second signal will be ignored", e);
        }
    }

    private static void handle(Class<?> signal, Class<?> handler, String name, int status)
            throws ReflectiveOperationException {
        InvocationHandler halt = (proxy, method, arguments) -> {
            if (!method.getName().equals("handle")) {
                return null;
            }
            LOG.warn("told to stop again: running requests are dropped");
            Runtime.getRuntime().halt(status);
            return null;
        };
        signal.getMethod("handle", signal, handler)
                .invoke(
                        null,
                        signal.getConstructor(String.class).newInstance(name),
                        Proxy.newProxyInstance(SecondSignal.class.getClassLoader(), new Class<?>[] {handler}, halt));
    }
}
