package dev.pdrouter.server.jdk;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A client that shows every byte of what it is answered, and leaves as the test says. */
final class RawClient implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;

    RawClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Over a socket of the test's own, which it closes. */
    static RawClient over(Socket socket) throws IOException {
        return new RawClient(socket);
    }

    /** A client whose system takes in no more than a little of what it does not read. */
    static RawClient receivingLittle(int port) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new RawClient(socket);
    }

    /** How long to wait for each byte; 20 s when not set. */
    void patience(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    /**
     * An answer.
     *
     * @param status its status
     * @param headers names in lower case
     * @param body without transfer coding
     */
    record Answer(int status, Map<String, String> headers, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    static String post(String path, String body, String... headers) {
        StringBuilder request = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: router\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        return request.append("Content-Type: application/json\r\nContent-Length: ")
                .append(body.getBytes(StandardCharsets.UTF_8).length)
                .append("\r\n\r\n")
                .append(body)
                .toString();
    }

    RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream()
                .write(bytes); // and nothing after it: a listener may close the socket as soon as it came
        return this;
    }

    /** Sends and reads the whole answer. */
    Answer ask(String request) throws IOException {
        return send(request).answer(request.startsWith("HEAD"));
    }

    Answer answer() throws IOException {
        return answer(false);
    }

    private Answer answer(boolean head) throws IOException {
        Answer begun = head();
        if (head || begun.status() == 204 || begun.status() == 304) {
            return begun;
        }
        return new Answer(begun.status(), begun.headers(), body(begun));
    }

    /** Reads the body that a head announces. */
    byte[] body(Answer begun) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (begun.headers().containsKey("content-length")) {
            int length = Integer.parseInt(begun.headers().get("content-length"));
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException("the answer was cut after " + bytes.length + " of " + length);
            }
            body.writeBytes(bytes);
        } else {
            for (byte[] chunk = chunk(); chunk.length > 0; chunk = chunk()) {
                body.writeBytes(chunk);
            }
        }
        return body.toByteArray();
    }

    /** Reads status and headers only. */
    Answer head() throws IOException {
        String statusLine = line();
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.merge(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip(),
                    (a, b) -> a + "|" + b);
        }
        return new Answer(Integer.parseInt(statusLine.split(" ")[1]), headers, new byte[0]);
    }

    /** Reads one chunk; an empty one is the end of the body. */
    byte[] chunk() throws IOException {
        int length = Integer.parseInt(line(), 16);
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the answer was cut inside a chunk");
        }
        line();
        return bytes;
    }

    String chunkText() throws IOException {
        return new String(chunk(), StandardCharsets.UTF_8);
    }

    /** Reads so many bytes as they come. */
    byte[] read(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the answer ended after " + bytes.length + " of " + count);
        }
        return bytes;
    }

    /** Reads to the end of the connection. */
    byte[] rest() throws IOException {
        return in.readAllBytes();
    }

    /** Whether the server has closed the connection; waits for that, or for a byte. */
    boolean isAtEnd() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketException e) {
            return true;
        }
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the answer was cut");
            }
            line.write(b);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /** Leaves by RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Leaves by FIN. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
