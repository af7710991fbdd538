package dev.pdrouter.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/**
 * An HTTP/1.1 server on 127.0.0.1 that does exactly what its handler says, well-formed or not, and remembers every call.
 *
 * <p>It listens from the moment it is made. Each connection and each call has a virtual thread of its own; all methods
 * can be called by any thread. Idle connections are closed after 5 s, as uvicorn does.
 */
public final class Engine implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final EngineHandler handler;
    private final ServerSocketFactory sockets;
    private final boolean streamBodies;
    private final Duration idleTimeout;
    private final int port;
    private final Signal signal = new Signal();
    private final List<EngineCall> calls = new CopyOnWriteArrayList<>();
    private final List<String> malformed = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final Set<EngineConnection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile ServerSocket listener;
    private volatile Thread acceptor;

    Engine(EngineBuilder builder) throws IOException {
        handler = builder.handler;
        sockets = builder.sockets;
        streamBodies = builder.streamBodies;
        idleTimeout = builder.idleTimeout;
        listener = bind(builder.port);
        port = listener.getLocalPort();
        acceptor = accept(listener);
    }

    /**
     * Starts an engine with the defaults, on a free port.
     *
     * @param handler answers each call
     * @return the engine, listening
     * @throws IOException when it cannot listen
     */
    public static Engine start(EngineHandler handler) throws IOException {
        return builder(handler).start();
    }

    /**
     * Begins an engine that differs from the defaults.
     *
     * @param handler answers each call
     * @return a builder
     */
    public static EngineBuilder builder(EngineHandler handler) {
        return new EngineBuilder(handler);
    }

    /**
     * The port.
     *
     * @return the same for the engine's whole life
     */
    public int port() {
        return port;
    }

    /**
     * The address, as a routing header has it.
     *
     * @return {@code 127.0.0.1:port}
     */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /**
     * An address of the engine.
     *
     * @param target path and query
     * @return an absolute {@code http} URI
     */
    public URI uri(String target) {
        return URI.create("http://" + address() + target);
    }

    /**
     * What was asked so far, in the order of arrival.
     *
     * @return the calls that came whole, or whose head came when bodies are left to the handler; a snapshot
     */
    public List<EngineCall> calls() {
        return List.copyOf(calls);
    }

    /**
     * Waits for a call, 20 s at most.
     *
     * @param index counted from 0
     * @return the call
     * @throws InterruptedException when the thread was interrupted
     * @throws AssertionError when it does not come
     */
    public EngineCall awaitCall(int index) throws InterruptedException {
        return awaitCall(index, PATIENCE);
    }

    /**
     * Waits for a call.
     *
     * @param index counted from 0
     * @param timeout at most
     * @return the call
     * @throws InterruptedException when the thread was interrupted
     * @throws AssertionError when it does not come
     */
    public EngineCall awaitCall(int index, Duration timeout) throws InterruptedException {
        signal.expect(() -> calls.size() > index, timeout, "call " + index + " at " + address());
        return calls.get(index);
    }

    /**
     * How many connections are open.
     *
     * @return those accepted and closed by neither side
     */
    public int openConnections() {
        return connections.size();
    }

    /**
     * How many connections were ever accepted.
     *
     * @return a count that only grows
     */
    public int acceptedConnections() {
        return accepted.get();
    }

    /**
     * Waits until that many connections are open.
     *
     * @param count exactly
     * @param timeout at most
     * @throws InterruptedException when the thread was interrupted
     * @throws AssertionError when the number is another
     */
    public void awaitOpenConnections(int count, Duration timeout) throws InterruptedException {
        signal.expect(() -> connections.size() == count, timeout, count + " connections at " + address());
    }

    /**
     * Requests that were no HTTP/1.1 and were answered 400.
     *
     * @return what was wrong with each
     */
    public List<String> malformed() {
        return List.copyOf(malformed);
    }

    /**
     * What handlers threw, but for a peer that had gone.
     *
     * @return exceptions and assertion errors
     */
    public List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /**
     * Stops listening: connecting is refused from now on. Open connections stay.
     *
     * @throws IOException when the listener cannot be closed
     */
    public void refuse() throws IOException {
        listener.close();
        try {
            // The thread that waits in accept is who lets go of the socket.
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Listens again on the same port, after {@link #refuse}.
     *
     * @throws IOException when the port was taken meanwhile
     */
    public void listen() throws IOException {
        listener = bind(port);
        acceptor = accept(listener);
    }

    /** Closes every open connection by RST, as the death of a process does. */
    public void dropConnections() {
        connections.forEach(EngineConnection::reset);
    }

    /** Stops listening, drops all connections, interrupts the handlers and waits for them, 5 s at most. */
    @Override
    public void close() {
        try {
            refuse();
        } catch (IOException e) {
            failures.add(e);
        }
        dropConnections();
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
                failures.add(new IllegalStateException("a handler does not end"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    Signal signal() {
        return signal;
    }

    boolean streamsBodies() {
        return streamBodies;
    }

    Duration idleTimeout() {
        return idleTimeout;
    }

    void start(Runnable task) {
        threads.execute(task);
    }

    void received(EngineCall call) {
        signal.update(() -> calls.add(call));
    }

    void malformed(String what) {
        malformed.add(what);
    }

    void ended(EngineConnection connection) {
        signal.update(() -> connections.remove(connection));
    }

    void handle(EngineCall call) {
        try {
            handler.handle(call);
        } catch (IOException e) {
            // The peer has gone.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | AssertionError e) {
            failures.add(e);
            if (!call.isBegun()) {
                answerFailure(call);
            }
        }
    }

    private static void answerFailure(EngineCall call) {
        try {
            call.answer(500, "text/plain; charset=utf-8", "Internal Server Error");
        } catch (IOException e) {
            // The peer has gone.
        }
    }

    private ServerSocket bind(int wanted) throws IOException {
        ServerSocket socket = sockets.createServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), wanted), 1024);
        return socket;
    }

    private Thread accept(ServerSocket from) {
        return Thread.ofVirtual().start(() -> {
            try (from) {
                while (true) {
                    serve(from.accept());
                }
            } catch (IOException e) {
                // The listener was closed.
            }
        });
    }

    private void serve(Socket socket) throws IOException {
        try {
            EngineConnection connection = new EngineConnection(this, socket, accepted.getAndIncrement());
            signal.update(() -> connections.add(connection));
            start(connection);
        } catch (IOException | RejectedExecutionException e) {
            // The peer is gone already, or the engine is being closed.
            socket.close();
        }
    }
}
