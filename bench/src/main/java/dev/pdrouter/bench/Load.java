package dev.pdrouter.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;

/** Clients that send one request after the other, each over a connection of its own. */
final class Load {

    /**
     * What they saw.
     *
     * @param nanos how long each answer took, in order
     * @param failures answers that were not 200, and connections that broke
     */
    record Seen(long[] nanos, int failures) {

        long requests() {
            return nanos.length;
        }

        double micros(double quantile) {
            return nanos.length == 0
                    ? Double.NaN
                    : nanos[(int) Math.min(nanos.length - 1, nanos.length * quantile)] / 1000.0;
        }
    }

    private static final int LONGEST_WAIT_MILLIS = 30_000;

    private final Scenario scenario;
    private final int port;
    private final byte[] request;
    private final ConcurrentLinkedQueue<long[]> times = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<IOException> failures = new ConcurrentLinkedQueue<>();

    Load(Scenario scenario, int port, int prefiller) {
        this.scenario = scenario;
        this.port = port;
        byte[] body = scenario.body().getBytes(UTF_8);
        String head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Authorization: Bearer abc\r\n"
                + (scenario.disaggregated() ? "x-prefiller-host-port: 127.0.0.1:" + prefiller + "\r\n" : "")
                + "Content-Length: " + body.length + "\r\n\r\n";
        byte[] headBytes = head.getBytes(ISO_8859_1);
        request = Arrays.copyOf(headBytes, headBytes.length + body.length);
        System.arraycopy(body, 0, request, headBytes.length, body.length);
    }

    /** Runs for some seconds. */
    Seen run(double seconds) throws InterruptedException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < scenario.connections(); i++) {
            clients.add(Thread.ofPlatform().start(() -> client(end)));
        }
        for (Thread client : clients) {
            client.join();
        }
        long[] all = times.stream().flatMapToLong(LongStream::of).sorted().toArray();
        return new Seen(all, failures.size());
    }

    private void client(long end) {
        long[] took = new long[1024];
        int count = 0;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(LONGEST_WAIT_MILLIS);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
            OutputStream out = socket.getOutputStream();
            while (System.nanoTime() - end < 0) {
                long begun = System.nanoTime();
                out.write(request);
                readAnswer(in);
                if (count == took.length) {
                    took = Arrays.copyOf(took, 2 * count);
                }
                took[count++] = System.nanoTime() - begun;
            }
        } catch (IOException e) {
            failures.add(e);
        }
        times.add(Arrays.copyOf(took, count));
    }

    private static void readAnswer(InputStream in) throws IOException {
        String status = line(in);
        long length = -1;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Long.parseLong(line.substring(15).strip());
            }
        }
        if (length >= 0) {
            in.skipNBytes(length);
        } else {
            for (long size = Long.parseLong(line(in), 16); size > 0; size = Long.parseLong(line(in), 16)) {
                in.skipNBytes(size + 2);
            }
            line(in);
        }
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException(status);
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder(64);
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
}
