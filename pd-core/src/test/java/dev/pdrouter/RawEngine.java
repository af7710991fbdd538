package dev.pdrouter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An engine that answers with whatever bytes a test says, and tells what became of its connections. */
final class RawEngine implements AutoCloseable {

    /** What is done with each connection; it is closed afterwards. */
    @FunctionalInterface
    interface Script {
        void serve(Peer peer) throws Exception;
    }

    private final ServerSocket listener;
    private final Script script;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();

    RawEngine(Script script) throws IOException {
        this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), script);
    }

    RawEngine(ServerSocket listener, Script script) {
        this.listener = listener;
        this.script = script;
        Thread.ofVirtual().start(this::accept);
    }

    /** Gives the same answer to every request. */
    static RawEngine answering(String answer) throws IOException {
        return new RawEngine(peer -> {
            while (peer.readRequest() != null) {
                peer.write(answer);
            }
        });
    }

    Target target() {
        return new Target("127.0.0.1", listener.getLocalPort());
    }

    EngineRequest get(String path) {
        return request("GET", path, Body.NONE);
    }

    EngineRequest request(String method, String path, Body body) {
        return new EngineRequest(method, target(), path, Requests.headers(), body);
    }

    int connections() {
        return sockets.size();
    }

    /** Waits until a script has ended, which for most is when the other side closed the connection. */
    void awaitConnectionEnd() throws InterruptedException {
        String how = ended.poll(20, TimeUnit.SECONDS);
        if (how == null) {
            throw new AssertionError("no connection ended");
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket socket) {
        String how = "done";
        try (socket) {
            script.serve(new Peer(socket));
        } catch (Exception e) {
            how = e.toString();
        }
        ended.add(how);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** The engine's side of a connection. */
    static final class Peer {

        final Socket socket;
        final InputStream in;

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream());
            socket.setTcpNoDelay(true);
        }

        /** @return the head with the empty line, or null when the connection has ended */
        String readHead() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int b = in.read();
                if (b < 0) {
                    return null;
                }
                head.append((char) b);
            }
            return head.toString();
        }

        /** @return head and body, or null when the connection has ended */
        String readRequest() throws IOException {
            String head = readHead();
            if (head == null) {
                return null;
            }
            if (head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
                return head + readChunked();
            }
            int at = head.indexOf("Content-Length: ");
            return at < 0 ? head : head + read(Integer.parseInt(head.substring(at + 16, head.indexOf("\r\n", at))));
        }

        /** @return so many bytes, or as many as come before the end */
        String read(int count) throws IOException {
            return new String(in.readNBytes(count), ISO_8859_1);
        }

        private String readChunked() throws IOException {
            StringBuilder body = new StringBuilder();
            while (body.length() < 5 || !body.substring(body.length() - 5).equals("0\r\n\r\n")) {
                int b = in.read();
                if (b < 0) {
                    return body.toString();
                }
                body.append((char) b);
            }
            return body.toString();
        }

        void write(String bytes) throws IOException {
            socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
        }

        /** Reads until the other side closes or resets. */
        void awaitEnd() {
            try {
                in.transferTo(java.io.OutputStream.nullOutputStream());
            } catch (IOException e) {
                // A reset is an end too.
            }
        }

        /** Makes closing the socket a reset. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
