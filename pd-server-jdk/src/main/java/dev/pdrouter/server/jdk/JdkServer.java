package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpServer;
import dev.pdrouter.PdRouter;
import java.io.IOException;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Written by somebody else at the moment. */
final class JdkServer implements AutoCloseable {

    private final HttpServer server;

    private JdkServer(HttpServer server) {
        this.server = server;
    }

    static JdkServer start(PdRouter router, InetSocketAddress address, @Nullable SSLContext tls) throws IOException {
        HttpServer server = HttpServer.create(address, 0);
        server.start();
        return new JdkServer(server);
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
