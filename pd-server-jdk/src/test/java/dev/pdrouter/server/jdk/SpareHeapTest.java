package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In JVMs of their own, with the options of {@code bin/pd-router}. */
@Timeout(60)
class SpareHeapTest {

    @Test
    void aHeapThatHasGrownIsGivenBackWhenNothingHappens() throws Exception {
        assertThat(jvm("-XX:MaxHeapFreeRatio=100")).isEqualTo("grown, given back, grown, given back");
    }

    @Test
    void aJvmThatGivesItBackItselfIsLeftAlone() throws Exception {
        assertThat(jvm("-XX:MaxHeapFreeRatio=99")).isEqualTo("grown, kept");
    }

    private static String jvm(String option) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:-ShrinkHeapInSteps",
                        "-Xms32m",
                        "-Xmx256m",
                        option,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Prompts.class.getName())
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

    /** A JVM that holds much twice. */
    static final class Prompts {

        private static final long GROWN = 128L << 20;
        private static final long SMALL = 64L << 20;

        private Prompts() {}

        public static void main(String[] none) throws InterruptedException {
            hold();
            SpareHeap heap = SpareHeap.watch(Duration.ofMillis(10));
            Thread looks = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("pd-router-heap"))
                    .findAny()
                    .orElseThrow();
            String after = awaitSmall(looks);
            if (after.equals("given back")) {
                System.out.print(", ");
                hold();
                awaitSmall(looks);
            }
            heap.close();
            looks.join();
        }

        private static void hold() {
            List<byte[]> prompts = new ArrayList<>();
            while (Runtime.getRuntime().totalMemory() < GROWN) {
                prompts.add(new byte[1 << 20]);
            }
            System.out.print(prompts.isEmpty() ? "was grown" : "grown");
        }

        private static String awaitSmall(Thread looks) throws InterruptedException {
            while (Runtime.getRuntime().totalMemory() > SMALL && !looks.join(Duration.ofMillis(1))) {
                Thread.onSpinWait();
            }
            String after = Runtime.getRuntime().totalMemory() > SMALL ? "kept" : "given back";
            System.out.print(", " + after);
            return after;
        }
    }
}
