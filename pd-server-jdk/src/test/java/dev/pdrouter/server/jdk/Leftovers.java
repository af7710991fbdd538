package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** What a router must not leave behind: threads, virtual ones too, and descriptors. */
final class Leftovers {

    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private Leftovers() {}

    /** How many descriptors this process has open; 0 where the system does not tell. */
    static long descriptors() {
        Path open = Path.of("/proc/self/fd");
        if (!Files.isDirectory(open)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(open)) {
            return all.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The threads that run the router's own code, each by its number and name. */
    static Set<String> threads(Path folder) {
        Path dump = folder.resolve("threads");
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        String self = String.valueOf(ProcessHandle.current().pid());
        try {
            Process process = new ProcessBuilder(jcmd, self, "Thread.dump_to_file", "-overwrite", dump.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(said);
            }
            return ours(Files.readAllLines(dump));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A dump has a line {@code #21 "main"} for each thread, and its frames below. */
    private static Set<String> ours(List<String> dump) {
        Set<String> threads = new TreeSet<>();
        String thread = "";
        for (String line : dump) {
            if (line.startsWith("#")) {
                thread = line.replaceAll(" (virtual|\\d{4}-).*", "");
            } else if (isOurs(line)) {
                threads.add(thread);
            }
        }
        return threads;
    }

    private static boolean isOurs(String frame) {
        return frame.contains("dev.pdrouter.internal.")
                || frame.contains("dev.pdrouter.server.jdk.")
                        && !frame.contains("Test.")
                        && !frame.contains("Leftovers.");
    }

    /** Waits until something is so. */
    static boolean await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            LockSupport.parkNanos(20_000_000);
        }
        return true;
    }
}
