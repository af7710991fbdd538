package dev.pdrouter.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Clients that all read a stream at the same time, from one thread, and see how late each event is. */
final class Crowd {

    /**
     * What they saw.
     *
     * @param expected how many events were to come
     * @param delays of those that came, in order
     * @param cpuMicros processor time of the router for an event
     */
    record Seen(long expected, long[] delays, double cpuMicros) {

        String row(String name) {
            return String.format(
                    Locale.ROOT,
                    "| %s | %,d of %,d | %.1f | %.1f | %.1f |",
                    name,
                    delays.length,
                    expected,
                    millis(0.5),
                    millis(0.99),
                    cpuMicros);
        }

        private double millis(double quantile) {
            return delays.length == 0 ? Double.NaN : delays[(int) (delays.length * quantile)] / 1e6;
        }
    }

    static final String HEADING =
            "| router | events arrived | p50 ms late | p99 ms late | CPU µs an event |\n|---|---|---|---|---|";

    /** What the beginning of a stamp may take. */
    private static final int KEPT = 32;

    private static final byte[] STAMP = "\"t\":".getBytes(US_ASCII);

    private final int streams;
    private final int events;
    private final long[] delays;
    private int arrived;
    private int over;

    private Crowd(int streams, int events) {
        this.streams = streams;
        this.events = events;
        this.delays = new long[streams * events];
    }

    /** Tells how much processor time a router has used. */
    @FunctionalInterface
    interface Clock {
        double micros() throws IOException;
    }

    /** Reads so many streams at once from a port, each of so many events. */
    static Seen read(int port, Clock cpu, int prefiller, int streams, int events, long gapNanos) throws IOException {
        Crowd crowd = new Crowd(streams, events);
        double before = cpu.micros();
        crowd.run(port, prefiller, events * gapNanos + TimeUnit.SECONDS.toNanos(30));
        long[] sorted = Arrays.copyOf(crowd.delays, crowd.arrived);
        Arrays.sort(sorted);
        return new Seen(crowd.delays.length, sorted, (cpu.micros() - before) / Math.max(1, crowd.arrived));
    }

    private static final class Client {
        private final ByteBuffer unread = ByteBuffer.allocate(32 * 1024);
        private int seen;
    }

    private void run(int port, int prefiller, long nanos) throws IOException {
        String body = new Scenario("", 1000, true, true, 1).body();
        byte[] request = ("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "x-prefiller-host-port: 127.0.0.1:" + prefiller + "\r\nContent-Length: "
                        + body.getBytes(UTF_8).length + "\r\n\r\n" + body)
                .getBytes(UTF_8);
        List<SocketChannel> channels = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < streams; i++) {
                SocketChannel channel =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                channels.add(channel);
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ, new Client());
            }
            for (SocketChannel channel : channels) {
                channel.write(ByteBuffer.wrap(request));
                selector.selectNow(this::read);
            }
            for (long end = System.nanoTime() + nanos; over < streams && System.nanoTime() - end < 0; ) {
                selector.select(this::read, 100);
            }
        } finally {
            for (SocketChannel channel : channels) {
                channel.close();
            }
        }
    }

    private void read(SelectionKey key) {
        Client client = (Client) key.attachment();
        try {
            int count = ((SocketChannel) key.channel()).read(client.unread);
            take(client, System.nanoTime());
            if (count < 0 || client.seen == events) {
                over++;
                key.cancel();
            }
        } catch (IOException e) {
            over++;
            key.cancel();
        }
    }

    /** Notes the events that are there whole, and keeps the beginning of one that is not. */
    private void take(Client client, long now) {
        byte[] bytes = client.unread.array();
        int to = client.unread.position();
        int from = 0;
        for (int i = 0; i < to - STAMP.length; i++) {
            if (bytes[i] == '"' && Arrays.equals(bytes, i, i + STAMP.length, STAMP, 0, STAMP.length)) {
                int end = i + STAMP.length;
                long stamp = 0;
                while (end < to && bytes[end] >= '0' && bytes[end] <= '9') {
                    stamp = stamp * 10 + bytes[end++] - '0';
                }
                if (end == to) {
                    from = i;
                    break;
                }
                delays[arrived++] = now - stamp;
                client.seen++;
                from = end;
                i = end;
            }
        }
        from = Math.max(from, to - KEPT);
        client.unread.position(from).limit(to).compact();
    }
}
