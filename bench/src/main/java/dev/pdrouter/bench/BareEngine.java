package dev.pdrouter.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * An engine that costs next to nothing: it reads each request whole and answers at once with the same bytes, or streams
 * events at a pace when the request asks for a stream. A process of its own, so that only the router is measured.
 */
final class BareEngine {

    private static final byte[] STREAMED = "\"stream\":true".getBytes(US_ASCII);
    private static final String KV =
            "{\"do_remote_prefill\":true,\"do_remote_decode\":false,\"remote_block_ids\":[[1,2,3,4]],"
                    + "\"remote_engine_id\":\"5b5fb28f\",\"remote_request_id\":\"cmpl-1\",\"remote_host\":\"127.0.0.1\","
                    + "\"remote_port\":5600,\"tp_size\":1,\"remote_prefill_cached_tokens\":0}";

    private final byte[] answer;
    private final int events;
    private final long gapNanos;

    private BareEngine(byte[] answer, int events, long gapNanos) {
        this.answer = answer;
        this.events = events;
        this.gapNanos = gapNanos;
    }

    /** Arguments: {@code prefiller} or {@code decoder}, the number of events, the microseconds between two. */
    public static void main(String[] args) throws IOException, InterruptedException {
        System.out.println(start(args[0], Integer.parseInt(args[1]), Long.parseLong(args[2])));
        Thread.currentThread().join(); // until somebody ends this process
    }

    /** Starts one on threads of this process, which it does not keep from ending; returns its port. */
    static int start(String role, int events, long gapMicros) throws IOException {
        String body = role.equals("prefiller")
                ? completion("a", "length").replaceFirst("}$", ",\"kv_transfer_params\":" + KV + "}")
                : completion("x".repeat(600), "stop");
        String head =
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n";
        BareEngine engine = new BareEngine((head + body).getBytes(US_ASCII), events, gapMicros * 1000);
        ServerSocket server = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(() -> engine.accept(server));
        return server.getLocalPort();
    }

    private void accept(ServerSocket server) {
        try (server) {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                Thread.ofPlatform().daemon().start(() -> serve(socket));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String completion(String text, String reason) {
        return "{\"id\":\"cmpl-1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                + "\"message\":{\"role\":\"assistant\",\"content\":\"" + text + "\"},\"finish_reason\":\"" + reason
                + "\"}],\"usage\":{\"prompt_tokens\":64,\"completion_tokens\":1,\"total_tokens\":65}}";
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
            OutputStream out = socket.getOutputStream();
            byte[] body = new byte[64 * 1024];
            while (true) {
                if (readRequest(in, body)) {
                    stream(out);
                } else {
                    out.write(answer);
                }
            }
        } catch (IOException e) {
            // The router has closed its connection.
        }
    }

    /** Reads one request; answers whether it wants a stream, which the benchmark's requests say at their end. */
    private boolean readRequest(InputStream in, byte[] buffer) throws IOException {
        long length = 0;
        boolean chunked = false;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(line.substring(15).strip());
            }
            chunked |= lower.startsWith("transfer-encoding:");
        }
        boolean streamed = false;
        while (true) {
            long left = chunked ? Long.parseLong(line(in), 16) : length;
            boolean last = !chunked || left == 0;
            while (left > 0) {
                int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (read < 0) {
                    throw new EOFException();
                }
                left -= read;
                streamed |= events > 0 && contains(buffer, read);
            }
            if (chunked) {
                line(in);
            }
            if (last) {
                return streamed;
            }
        }
    }

    private static boolean contains(byte[] bytes, int count) {
        return new String(bytes, 0, count, ISO_8859_1).contains(new String(STREAMED, ISO_8859_1));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException();
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    private void stream(OutputStream out) throws IOException {
        out.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                .getBytes(US_ASCII));
        long next = System.nanoTime();
        for (int i = 0; i < events; i++) {
            next += gapNanos;
            LockSupport.parkNanos(next - System.nanoTime());
            chunk(
                    out,
                    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"token\"}}],\"t\":"
                            + System.nanoTime() + "}\n\n");
        }
        out.write("e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n".getBytes(US_ASCII));
    }

    private static void chunk(OutputStream out, String event) throws IOException {
        out.write((Integer.toHexString(event.length()) + "\r\n" + event + "\r\n").getBytes(US_ASCII));
    }
}
