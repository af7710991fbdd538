package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the process when it is told to stop. */
class SigtermTest {

    @TempDir
    private Path folder;

    private static final String STREAM = "GET /stream HTTP/1.1\r\nHost: r\r\n\r\n";

    private static final EngineHandler BEGINS = call -> {
        call.beginEvents().send("data: 1\n\n");
        call.awaitGone(Duration.ofSeconds(60));
    };

    private static Launched launch(Engine decoder, String... more) throws IOException {
        String[] arguments = {
            "-connector=test",
            "-port=0",
            "-bind=127.0.0.1",
            "-decoder-host=127.0.0.1",
            "-vllm-port=" + decoder.address().replaceAll(".*:", "")
        };
        String[] all = new String[arguments.length + more.length];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return Launched.with(all);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static int ready(int port, String path) throws IOException {
        try (RawClient client = new RawClient(port)) {
            return client.ask("GET " + path + " HTTP/1.1\r\nHost: r\r\n\r\n").status();
        }
    }

    @Test
    void sigtermOfAnIdleSidecarExits0AtOnceAndSaysSo() throws IOException, InterruptedException {
        try (Launched launched = Launched.with("-connector=test", "-port=0", "-bind=127.0.0.1")) {
            launched.awaitPort();
            launched.process.toHandle().destroy();
            assertThat(launched.stderr()).anyMatch(line -> line.endsWith("INFO  stopped"));
            assertThat(launched.exitStatus()).isZero();
        }
    }

    /** It is held in its start by a file of options that nobody has written yet. */
    @Test
    @Timeout(60)
    void sigtermBeforeItListensExits0() throws Exception {
        Path options = folder.resolve("options");
        assertThat(new ProcessBuilder("mkfifo", options.toString()).start().waitFor())
                .isZero();
        try (Launched launched = Launched.with("-configuration-file=" + options);
                OutputStream unwritten = Files.newOutputStream(options)) { // waits until it is being read
            launched.process.toHandle().destroy();
            assertThat(launched.exitStatus()).isZero();
            unwritten.flush();
        }
    }

    @Test
    void sigtermFlipsReadinessRefusesNewcomersAndLetsAStreamEnd() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        EngineHandler waits = call -> {
            if (!call.head().target().equals("/stream")) {
                call.answer(200, "application/json", "{}");
                return;
            }
            var events = call.beginEvents();
            events.send("data: 1\n\n");
            go.await();
            events.end();
        };
        int probes = freePort();
        try (Engine decoder = Engine.start(waits);
                Launched launched = launch(decoder, "-metrics-port=" + probes)) {
            int port = launched.awaitPort();
            assertThat(ready(probes, "/ready")).isEqualTo(200);
            try (RawClient running = new RawClient(port);
                    RawClient newcomer = new RawClient(port)) {
                running.send(STREAM).head();
                running.chunk();
                launched.process.toHandle().destroy();
                launched.awaitLine("stopping");
                while (ready(probes, "/ready") != 503) {
                    Thread.onSpinWait();
                }
                assertThat(ready(probes, "/health")).isEqualTo(200);
                String other = "GET /x HTTP/1.1\r\nHost: r\r\n\r\n";
                RawClient.Answer refused = newcomer.ask(other);
                while (refused.status() == 200) {
                    refused = newcomer.ask(other); // readiness comes first
                }
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.headers()).containsEntry("connection", "close");
                go.countDown();
                assertThat(running.chunk()).isEmpty();
            }
            assertThat(launched.exitStatus()).isZero();
        }
    }

    @Test
    void aStreamThatIsTooLongIsCutAndTheStatusIs0() throws Exception {
        try (Engine decoder = Engine.start(BEGINS);
                Launched launched = launch(decoder, "-drain-timeout=100ms");
                RawClient client = new RawClient(launched.awaitPort())) {
            client.send(STREAM).head();
            client.chunk();
            launched.process.toHandle().destroy();
            assertThat(client.isAtEnd()).isTrue();
            decoder.awaitCall(0).awaitGone(Duration.ofSeconds(20));
            launched.awaitLine("still running after 100 ms, and were cut");
            assertThat(launched.exitStatus()).isZero();
        }
    }

    @Test
    void aSecondSignalEndsTheProcessAtOnce() throws Exception {
        try (Engine decoder = Engine.start(BEGINS);
                Launched launched = launch(decoder, "-drain-timeout=10m");
                RawClient client = new RawClient(launched.awaitPort())) {
            client.send(STREAM).head();
            client.chunk();
            launched.process.toHandle().destroy();
            launched.awaitLine("stopping, requests in flight: 1, waiting 600 s");
            launched.process.toHandle().destroy();
            assertThat(launched.exitStatus()).isEqualTo(143);
            assertThat(client.isAtEnd()).isTrue();
        }
    }
}
