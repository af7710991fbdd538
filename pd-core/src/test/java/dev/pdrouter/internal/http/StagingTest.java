package dev.pdrouter.internal.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pdrouter.Body;
import dev.pdrouter.EngineRequest;
import dev.pdrouter.SocketTransport;
import dev.pdrouter.Target;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StagingTest {

    private static final int MOST = 32;
    private static final List<Integer> NUMBERS =
            IntStream.range(0, MOST).boxed().toList();

    @Test
    void onlySoManyAreLentAtATime() {
        List<ByteBuffer> lent = new ArrayList<>();
        for (ByteBuffer buffer = Staging.take(); buffer != null; buffer = Staging.take()) {
            lent.add(buffer.putInt(0, lent.size()));
        }
        assertThat(lent).extracting(buffer -> buffer.getInt(0)).containsExactlyElementsOf(NUMBERS);
        lent.forEach(Staging::giveBack);
        ByteBuffer again = Staging.take();
        assertThat(again).isNotNull();
        Staging.giveBack(again);
    }

    /** Fails when so many of its million bytes have been written. */
    private record Failing(int count) implements Body {

        @Override
        public long length() {
            return 1_000_000;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            out.write(new byte[count]);
            throw new IOException("the source failed");
        }

        @Override
        public boolean isRepeatable() {
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100_000, 700_000})
    void whatFailsGivesBackWhatItWasLent(int count) throws Exception {
        try (ServerSocket engine = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                SocketTransport transport =
                        SocketTransport.builder().carryingStreams().build()) {
            Thread.startVirtualThread(() -> readFrom(engine));
            for (int i = 0; i < 2 * MOST; i++) {
                EngineRequest request = new EngineRequest(
                        "POST",
                        new Target("127.0.0.1", engine.getLocalPort()),
                        "/",
                        HttpHeaders.of(Map.of(), (name, value) -> true),
                        new Failing(count));
                assertThatThrownBy(() -> transport.send(request)).isInstanceOf(RequestBodyException.class);
            }
            onlySoManyAreLentAtATime();
        }
    }

    private static void readFrom(ServerSocket engine) {
        try {
            while (true) {
                Socket peer = engine.accept();
                Thread.startVirtualThread(() -> {
                    try (peer) {
                        peer.getInputStream().transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        // It is dropped with what was not read.
                    }
                });
            }
        } catch (IOException e) {
            // The test is over.
        }
    }
}
