package dev.pdrouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Engines that no connection can be made to. */
class ConnectFailureTest extends OnEachTransport {

    private static EngineRequest get(String host, int port) {
        return new EngineRequest("GET", new Target(host, port), "/", Requests.headers(), Body.NONE);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Fills a listener's backlog, so that the next connection is not even refused. */
    private static List<Socket> fill(ServerSocket listener) throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try {
            while (sockets.size() < 20) {
                Socket socket = new Socket();
                sockets.add(socket);
                socket.connect(new InetSocketAddress("127.0.0.1", listener.getLocalPort()), 300);
            }
        } catch (SocketTimeoutException e) {
            // Full.
        }
        return sockets;
    }

    @Test
    void aRefusalIsAConnectException() throws Exception {
        int port = freePort();
        assertThatThrownBy(() -> transport.send(get("127.0.0.1", port))).isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> transport.send(get("localhost", port))).isInstanceOf(ConnectException.class);
        transport.assertOpenConnections(0);
    }

    /** A label of more than 63 characters is refused by the resolver itself. */
    @Test
    void anUnknownNameIsAConnectException() {
        assertThatThrownBy(() -> transport.send(get("x".repeat(64), 80)))
                .isInstanceOf(ConnectException.class)
                .hasRootCauseInstanceOf(UnknownHostException.class);
    }

    @Test
    @OverSocketsOnly("tries the first address of a name")
    void allAddressesOfANameAreTried() throws Exception {
        for (InetAddress address : InetAddress.getAllByName("localhost")) {
            try (RawEngine engine = new RawEngine(new ServerSocket(0, 5, address), peer -> {
                peer.readRequest();
                peer.write("HTTP/1.1 204 No Content\r\n\r\n");
                peer.awaitEnd();
            })) {
                EngineResponse answer =
                        transport.send(get("localhost", engine.target().port()));
                assertThat(answer.status()).isEqualTo(204);
            }
        }
    }

    @Test
    void anEngineThatDoesNotAcceptIsATimeout() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                TransportKind.Running transport = kind.start(null, Duration.ofMillis(200))) {
            List<Socket> sockets = fill(listener);
            assertThatThrownBy(() -> transport.send(get("127.0.0.1", listener.getLocalPort())))
                    .isInstanceOf(SocketTimeoutException.class);
            transport.assertOpenConnections(0);
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void anInterruptEndsConnecting() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                TransportKind.Running transport = kind.start(null, Duration.ZERO)) {
            List<Socket> sockets = fill(listener);
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread thread = Thread.ofVirtual().start(() -> {
                try {
                    transport.send(get("127.0.0.1", listener.getLocalPort()));
                } catch (Throwable e) {
                    thrown.complete(e);
                }
            });
            while (thread.getState() == Thread.State.NEW || thread.getState() == Thread.State.RUNNABLE) {
                Thread.onSpinWait();
            }
            thread.interrupt();
            assertThat(thrown.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
            transport.assertOpenConnections(0);
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
