package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The packaged sidecar within {@code -Xmx256m}. Takes minutes and gigabytes of loopback traffic, so it runs by hand only:
 * {@code mvn -pl pd-server-jdk -am package -DskipTests}, then {@code mvn -pl pd-server-jdk -am test -Dtest=MemoryTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Dpd.memory=target/pd-router.jar}.
 */
@EnabledIfSystemProperty(named = MemoryTest.JAR, matches = ".+")
class MemoryTest {

    static final String JAR = "pd.memory";

    private static final int PROMPT = 20 << 20;
    private static final int PROMPTS = 100;
    private static final int STREAMS = 2000;
    private static final int EVENTS = 256;
    private static final byte[] EVENT = ("data: " + "x".repeat(1016) + "\n\n").getBytes(StandardCharsets.US_ASCII);

    private static Launched sidecar(Engine decoder) throws IOException {
        return Launched.jar(Path.of(System.getProperty(JAR)), "-port=0", "-vllm-port=" + decoder.port());
    }

    private static Engine reading(EngineHandler answer) throws IOException {
        return Engine.builder(call -> {
                    call.bodyStream().transferTo(OutputStream.nullOutputStream());
                    answer.handle(call);
                })
                .streamBodies()
                .start();
    }

    /** Runs them all at once. */
    private static <T> List<T> atOnce(int count, Callable<T> work) throws Exception {
        List<T> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(threads.submit(work));
            }
            for (Future<T> one : all) {
                results.add(one.get());
            }
        }
        return results;
    }

    private static String memoryOf(Launched sidecar) throws IOException {
        return Files.readAllLines(Path.of("/proc", String.valueOf(sidecar.process.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS") || line.startsWith("VmHWM"))
                .toList()
                .toString();
    }

    private static List<String> saidBy(Launched sidecar) throws Exception {
        assertThat(sidecar.process.isAlive()).isTrue();
        sidecar.process.toHandle().destroy(); // which leaves what it said readable
        return sidecar.stderr();
    }

    @Test
    void promptsThatDoNotFitAreRefusedAndTheOthersServed() throws Exception {
        byte[] prompt = new byte[PROMPT];
        Arrays.fill(prompt, (byte) 'x');
        System.arraycopy("{\"prompt\":\"".getBytes(StandardCharsets.US_ASCII), 0, prompt, 0, 11);
        System.arraycopy("\"}".getBytes(StandardCharsets.US_ASCII), 0, prompt, PROMPT - 2, 2);
        try (Engine prefiller = reading(Stack.HANDS_OVER);
                Engine decoder = reading(Stack.ANSWERS);
                Launched sidecar = sidecar(decoder)) {
            int port = sidecar.awaitPort();
            String head = "POST /v1/completions HTTP/1.1\r\nHost: r\r\nx-prefiller-host-port: " + prefiller.address()
                    + "\r\nContent-Length: " + PROMPT + "\r\n\r\n";
            Callable<Integer> ask = () -> {
                try (RawClient client = new RawClient(port)) {
                    client.patience(120_000);
                    return client.send(head).send(prompt).answer().status();
                }
            };
            Map<Integer, Integer> statuses = new TreeMap<>();
            atOnce(PROMPTS, ask).forEach(status -> statuses.merge(status, 1, Integer::sum));
            System.out.println(PROMPTS + " prompts at once: " + statuses + " " + memoryOf(sidecar));
            assertThat(statuses.keySet()).isSubsetOf(200, 503).contains(200);
            for (int i = 0; i < 10; i++) {
                assertThat(ask.call()).as("prompt " + i + " alone").isEqualTo(200);
            }
            System.out.println("10 prompts in turn: " + memoryOf(sidecar));
            assertThat(saidBy(sidecar)).noneMatch(line -> line.contains("OutOfMemory") || line.contains("fault"));
        }
    }

    @Test
    void slowReadersOfManyStreamsCostNoHeap() throws Exception {
        CountDownLatch begun = new CountDownLatch(STREAMS);
        EngineHandler streams = call -> {
            var pieces = call.beginEvents();
            for (int i = 0; i < EVENTS; i++) {
                pieces.send(EVENT);
            }
            pieces.end();
        };
        try (Engine prefiller = reading(Stack.HANDS_OVER);
                Engine decoder = reading(streams);
                Launched sidecar = sidecar(decoder)) {
            int port = sidecar.awaitPort();
            String request = RawClient.post(
                    "/v1/completions", "{\"stream\":true}", "x-prefiller-host-port: " + prefiller.address());
            Thread.startVirtualThread(() -> {
                try {
                    begun.await();
                    System.out.println(STREAMS + " streams open: " + memoryOf(sidecar));
                } catch (InterruptedException | IOException e) {
                    System.out.println(e);
                }
            });
            List<Integer> received = atOnce(STREAMS, () -> {
                try (RawClient client = RawClient.receivingLittle(port)) {
                    client.patience(120_000);
                    assertThat(client.send(request).head().status()).isEqualTo(200);
                    begun.countDown();
                    begun.await();
                    int bytes = 0;
                    for (byte[] chunk = client.chunk(); chunk.length > 0; chunk = client.chunk()) {
                        bytes += chunk.length;
                        Thread.yield();
                    }
                    return bytes;
                }
            });
            System.out.println(STREAMS + " streams read: " + memoryOf(sidecar));
            assertThat(received).hasSize(STREAMS).containsOnly(EVENTS * EVENT.length);
            assertThat(saidBy(sidecar)).noneMatch(line -> line.contains("OutOfMemory") || line.contains("fault"));
        }
    }
}
