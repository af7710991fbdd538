package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In JVMs of their own, with the options of {@code bin/pd-router}. */
@Timeout(60)
class SpareHeapTest {

    @Test
    void aHeapThatHasGrownIsGivenBackWhenLittleHappens() throws Exception {
        assertThat(jvm("twice")).isEqualTo("grown, given back, grown, given back");
    }

    @Test
    void whoeverIsBusyKeepsIt() throws Exception {
        assertThat(jvm("busy")).isEqualTo("grown, given back after 20 busy looks");
    }

    @Test
    void whatCannotBeGivenBackIsCollectedOnce() throws Exception {
        assertThat(jvm("once", "-Xms160m")).isEqualTo("1 collection");
    }

    @Test
    void aJvmThatGivesItBackItselfIsLeftAlone() throws Exception {
        assertThat(jvm("kept", "-XX:MaxHeapFreeRatio=99")).isEqualTo("grown, kept");
    }

    private static String jvm(String scenario, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:MaxHeapFreeRatio=100",
                "-XX:-ShrinkHeapInSteps",
                "-Xms32m",
                "-Xmx256m"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Prompts.class.getName(), scenario));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            String all = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            return all;
        } finally {
            process.destroyForcibly();
        }
    }

    /** What happens in such a JVM. */
    static final class Prompts {

        private static final long GROWN = 128L << 20;
        private static final long SMALL = 64L << 20;
        private static final int BUSY_LOOKS = 20;

        private static final AtomicInteger LOOKS = new AtomicInteger();

        private static volatile boolean holding;

        private Prompts() {}

        public static void main(String[] scenario) throws InterruptedException {
            switch (scenario[0]) {
                case "twice" -> {
                    hold();
                    watch(true);
                    awaitSmall();
                    System.out.print(", given back, ");
                    hold();
                    awaitSmall();
                    System.out.print(", given back");
                }
                case "busy" -> {
                    hold();
                    watch(false);
                    awaitSmall();
                    String when = LOOKS.get() > BUSY_LOOKS ? "after" : "before";
                    System.out.print(", given back " + when + " " + BUSY_LOOKS + " busy looks");
                }
                case "once" -> {
                    long before = fullCollections();
                    watch(true);
                    awaitLooks(BUSY_LOOKS);
                    System.out.print(fullCollections() - before + " collection");
                }
                default -> {
                    hold();
                    watch(true);
                    awaitEndOfLooks();
                    System.out.print(Runtime.getRuntime().totalMemory() > SMALL ? ", kept" : ", given back");
                }
            }
        }

        private static void watch(boolean idle) {
            SpareHeap.watch(Duration.ofMillis(10), () -> !holding && (LOOKS.incrementAndGet() > BUSY_LOOKS || idle));
        }

        private static void hold() {
            holding = true;
            List<byte[]> prompts = new ArrayList<>();
            while (Runtime.getRuntime().totalMemory() < GROWN) {
                prompts.add(new byte[1 << 20]);
            }
            System.out.print(prompts.isEmpty() ? "was grown" : "grown");
            holding = false;
        }

        private static void awaitSmall() {
            while (Runtime.getRuntime().totalMemory() > SMALL) {
                Thread.onSpinWait();
            }
        }

        private static void awaitLooks(int count) {
            while (LOOKS.get() < count) {
                Thread.onSpinWait();
            }
        }

        private static void awaitEndOfLooks() throws InterruptedException {
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (thread.getName().equals("pd-router-heap")) {
                    thread.join();
                }
            }
        }

        private static long fullCollections() {
            return ManagementFactory.getGarbageCollectorMXBeans().stream()
                    .filter(collector -> collector.getName().equals("MarkSweepCompact"))
                    .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                    .sum();
        }
    }
}
