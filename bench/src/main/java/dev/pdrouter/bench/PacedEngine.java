package dev.pdrouter.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * A decoder that answers each request with a stream of events at a pace, thousands of them from one thread. An event tells
 * when it was written, as {@link System#nanoTime} counts.
 */
final class PacedEngine implements AutoCloseable {

    private static final byte[] HEALTHY =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}".getBytes(US_ASCII);

    private static final byte[] HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .getBytes(US_ASCII);

    private final Selector selector = Selector.open();
    private final ServerSocketChannel server = ServerSocketChannel.open();
    private final int events;
    private final long gapNanos;
    /** All have the same gap, so who has just been served is the last to be served again. */
    private final Deque<Stream> streams = new ArrayDeque<>();

    private PacedEngine(int events, long gapNanos) throws IOException {
        this.events = events;
        this.gapNanos = gapNanos;
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
    }

    static PacedEngine start(int events, long gapNanos) throws IOException {
        PacedEngine engine = new PacedEngine(events, gapNanos);
        Thread.ofPlatform().name("paced-engine").daemon().start(engine::run);
        return engine;
    }

    int port() throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    private static final class Stream {
        private final SocketChannel channel;
        private final StringBuilder request = new StringBuilder();
        private long due;
        private int sent;

        Stream(SocketChannel channel) {
            this.channel = channel;
        }
    }

    private void run() {
        try {
            while (server.isOpen()) {
                Stream first = streams.peekFirst();
                long wait = first == null ? 1000 : (first.due - System.nanoTime()) / 1_000_000;
                if (wait > 0) {
                    selector.select(this::ready, wait);
                } else {
                    selector.selectNow(this::ready);
                }
                serve();
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void ready(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                SocketChannel channel = server.accept();
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.register(selector, SelectionKey.OP_READ, new Stream(channel));
            } else {
                read(key, (Stream) key.attachment());
            }
        } catch (IOException e) {
            key.cancel();
        }
    }

    private void read(SelectionKey key, Stream stream) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(16 * 1024);
        if (stream.channel.read(bytes) < 0) {
            key.cancel();
            stream.channel.close();
            return;
        }
        stream.request.append(ISO_8859_1.decode(bytes.flip()));
        if (isQuestion(stream.request)) {
            stream.request.setLength(0);
            stream.channel.write(ByteBuffer.wrap(HEALTHY));
        } else if (isWhole(stream.request)) {
            stream.request.setLength(0);
            stream.channel.write(ByteBuffer.wrap(HEAD));
            stream.sent = 0;
            stream.due = System.nanoTime() + gapNanos;
            streams.addLast(stream);
        }
    }

    /** Some routers ask whether it is well before they listen. */
    private static boolean isQuestion(CharSequence request) {
        String text = request.toString();
        return text.startsWith("GET ") && text.endsWith("\r\n\r\n");
    }

    private static boolean isWhole(CharSequence request) {
        String text = request.toString();
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        String head = text.substring(0, end).toLowerCase(Locale.ROOT);
        int length = head.indexOf("content-length:");
        return length < 0
                ? text.endsWith("0\r\n\r\n")
                : text.length() - end - 4
                        >= Long.parseLong(
                                head.substring(length + 15).split("\r\n", 2)[0].strip());
    }

    private void serve() {
        for (Stream next = streams.peekFirst(); next != null && next.due - System.nanoTime() <= 0; ) {
            streams.removeFirst();
            if (write(next)) {
                next.due += gapNanos;
                streams.addLast(next);
            }
            next = streams.peekFirst();
        }
    }

    /** Returns whether there is more to come. */
    private boolean write(Stream stream) {
        String event = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"token\"}}],\"t\":"
                + System.nanoTime() + "}\n\n";
        boolean last = ++stream.sent == events;
        String chunk = Integer.toHexString(event.length()) + "\r\n" + event + "\r\n" + (last ? "0\r\n\r\n" : "");
        try {
            stream.channel.write(ByteBuffer.wrap(chunk.getBytes(US_ASCII)));
            return !last;
        } catch (IOException e) {
            return false; // the router has left, which its client will notice
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        selector.wakeup();
    }
}
