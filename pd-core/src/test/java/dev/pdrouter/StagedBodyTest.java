package dev.pdrouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long bodies on their way to an engine over a channel, with what stands before and behind them. */
@Timeout(60)
@ExtendWith(OnVirtualThread.class)
class StagedBodyTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private final AtomicLong nanos = new AtomicLong();
    private final SocketTransport transport =
            SocketTransport.builder().carryingStreams().clock(nanos::get).build();

    @AfterEach
    void close() {
        transport.close();
    }

    /** Writes its bytes in pieces, each from the same array, which is spoilt when the piece has been taken. */
    private record Pieces(byte[] bytes, int... sizes) implements Body {

        static Pieces random(Random random, int length) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            int[] limits = {20, 1000, 16 * 1024, 130_000, 300_000};
            int[] sizes = random.ints(10_000, 0, 1)
                    .map(any -> 1 + random.nextInt(limits[random.nextInt(limits.length)]))
                    .toArray();
            return new Pieces(bytes, sizes);
        }

        @Override
        public long length() {
            return bytes.length;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            byte[] piece = new byte[300_000];
            int at = 0;
            for (int i = 0; at < bytes.length; i++) {
                int size = Math.min(sizes[i], bytes.length - at);
                System.arraycopy(bytes, at, piece, 7, size);
                out.write(piece, 7, size);
                Arrays.fill(piece, (byte) '#');
                at += size;
            }
        }

        @Override
        public boolean isRepeatable() {
            return true;
        }
    }

    /** Over one connection: where that has rested it may have been closed, and the last byte is kept back. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void arriveAsTheyAreInWhateverPiecesTheyCome(long seed) throws Exception {
        Random random = new Random(seed);
        BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
        try (RawEngine engine = new RawEngine(peer -> {
            for (String head = peer.readHead(); head != null; head = peer.readHead()) {
                arrived.add(
                        peer.in.readNBytes(Integer.parseInt(head.replaceAll("(?s).*Content-Length: (\\d+).*", "$1"))));
                peer.write(OK);
            }
        })) {
            for (int i = 0; i < 6; i++) {
                Pieces body = Pieces.random(random, 1 + random.nextInt(2_000_000));
                transport.send(engine.request("POST", "/", body)).close();
                nanos.addAndGet(TimeUnit.SECONDS.toNanos(i % 2));
                assertThat(arrived.take()).isEqualTo(body.bytes());
            }
        }
    }

    /**
     * What the sockets do not hold has to be waited for, by whoever writes it. That is the caller on a
     * connection that may have been closed, and nobody else, so that it knows what the engine has got.
     */
    @ParameterizedTest
    @ValueSource(ints = {5_000_000, 6_543_210, 8_000_000})
    void arriveAsTheyAreAtAnEngineThatReadsLate(int length) throws Exception {
        Pieces body = Pieces.random(new Random(length), length);
        Thread writer = Thread.currentThread();
        BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
        ServerSocket narrow = new ServerSocket();
        narrow.setReceiveBufferSize(4096);
        narrow.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        try (RawEngine engine = new RawEngine(narrow, peer -> {
            peer.readRequest();
            peer.write(OK);
            peer.readHead();
            while (writer.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            arrived.add(peer.in.readNBytes(length));
            peer.write(OK);
        })) {
            transport
                    .send(engine.request("POST", "/", Pieces.random(new Random(1), 10)))
                    .close();
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
            transport.send(engine.request("POST", "/", body)).close();
            assertThat(arrived.take()).isEqualTo(body.bytes());
            assertThat(engine.connections()).isEqualTo(1);
        }
    }

    /** So that a failure of the last write is one of the body's, and whoever watches it knows that it did not leave. */
    @Test
    void haveLeftWhenTheyHaveBeenWritten() throws Exception {
        Pieces pieces = Pieces.random(new Random(3), 100_000);
        CountDownLatch arrived = new CountDownLatch(1);
        try (RawEngine engine = new RawEngine(peer -> {
            peer.readHead();
            peer.in.readNBytes(pieces.bytes().length);
            arrived.countDown();
            peer.write(OK);
        })) {
            AtomicBoolean left = new AtomicBoolean();
            Body body = new Body() {
                @Override
                public long length() {
                    return pieces.length();
                }

                @Override
                public void writeTo(OutputStream out) throws IOException {
                    pieces.writeTo(out);
                    try {
                        left.set(arrived.await(5, TimeUnit.SECONDS));
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                }

                @Override
                public boolean isRepeatable() {
                    return true;
                }
            };
            transport.send(engine.request("POST", "/", body)).close();
            assertThat(left).isTrue();
        }
    }

    @Test
    void shareTheirWriteWithHeadAndEnd() throws Exception {
        byte[] bytes = new byte[20_000];
        BlockingQueue<Integer> reads = new LinkedBlockingQueue<>();
        try (RawEngine engine = new RawEngine(peer -> {
            reads.add(peer.socket.getInputStream().read(new byte[200_000]));
            peer.write(OK);
        })) {
            transport
                    .send(engine.request("POST", "/", new Pieces(bytes, 19_700, 300)))
                    .close();
            assertThat(reads.take()).isGreaterThan(bytes.length);
        }
    }
}
