package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * The ways into the JDK's HTTP server: constants, which the compiler sees through.
 *
 * <p>All are looked up at once, so that a JVM without the {@code --add-opens} or another JDK is found out at the start, by
 * a {@link LinkageError}.
 */
final class ServerInternals {

    static final MethodHandle CONNECTION_TO_SERVE;
    static final MethodHandle CHANNEL;
    static final MethodHandle CONTEXT;
    static final MethodHandle INPUT;
    static final MethodHandle OUTPUT;
    static final MethodHandle SET_PARAMETERS;
    static final MethodHandle SERVER;
    static final MethodHandle NEW_TLS;
    static final MethodHandle TLS_INPUT;
    static final MethodHandle TLS_OUTPUT;
    static final MethodHandle TLS_ENGINE;

    private static final Class<?> HTTP;
    private static final MethodHandle HTTP_IMPL;
    private static final MethodHandle HTTPS_IMPL;
    private static final MethodHandle CONNECTION;
    private static final MethodHandle REQUEST;
    private static final MethodHandle START_LINE;

    static {
        try {
            HTTP = type("HttpExchangeImpl");
            HTTP_IMPL = field(HTTP, "impl");
            HTTPS_IMPL = field(type("HttpsExchangeImpl"), "impl");
            CONNECTION = field(type("ExchangeImpl"), "connection");
            REQUEST = field(type("ExchangeImpl"), "req");
            START_LINE = field(type("Request"), "startLine");
            Class<?> connection = type("HttpConnection");
            CONNECTION_TO_SERVE = field(type("ServerImpl$Exchange"), "connection");
            CHANNEL = field(connection, "chan");
            CONTEXT = field(connection, "context");
            INPUT = field(connection, "i");
            OUTPUT = field(connection, "rawout");
            Class<?> tls = type("SSLStreams");
            SET_PARAMETERS = method(
                    connection,
                    "setParameters",
                    InputStream.class,
                    OutputStream.class,
                    SocketChannel.class,
                    SSLEngine.class,
                    tls,
                    SSLContext.class,
                    String.class,
                    type("HttpContextImpl"),
                    InputStream.class);
            SERVER = field(type("HttpContextImpl"), "server");
            NEW_TLS = constructor(tls, type("ServerImpl"), SSLContext.class, SocketChannel.class);
            TLS_INPUT = method(tls, "getInputStream");
            TLS_OUTPUT = method(tls, "getOutputStream");
            TLS_ENGINE = method(tls, "getSSLEngine");
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new LinkageError(e.toString(), e);
        }
    }

    private ServerInternals() {}

    /** The connection that an exchange came over. */
    static Object connection(HttpExchange exchange) throws Throwable {
        return CONNECTION.invoke(impl(exchange));
    }

    /** The socket that an exchange came over. */
    static SocketChannel channel(HttpExchange exchange) {
        try {
            return (SocketChannel) CHANNEL.invoke(connection(exchange));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first line of a request, as it came. */
    static String requestLine(HttpExchange exchange) {
        try {
            return (String) START_LINE.invoke(REQUEST.invoke(impl(exchange)));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object impl(HttpExchange exchange) throws Throwable {
        return HTTP.isInstance(exchange) ? HTTP_IMPL.invoke(exchange) : HTTPS_IMPL.invoke(exchange);
    }

    private static Class<?> type(String name) throws ClassNotFoundException {
        return Class.forName("sun.net.httpserver." + name);
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

    private static MethodHandle constructor(Class<?> type, Class<?>... parameters) throws ReflectiveOperationException {
        Constructor<?> constructor = type.getDeclaredConstructor(parameters);
        constructor.setAccessible(true);
        return MethodHandles.lookup().unreflectConstructor(constructor);
    }
}
