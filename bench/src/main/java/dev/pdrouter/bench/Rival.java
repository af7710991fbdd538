package dev.pdrouter.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A router that is measured: a process, with its children. */
final class Rival implements AutoCloseable {

    /** A JVM that is told to keep what it learned takes a while to end. */
    private static final long SECONDS_TO_END = 60;

    private static final long TICKS_A_SECOND = 100; // USER_HZ, which Linux has fixed for all that read it

    private final String name;
    private final int port;
    private final Process process;

    private Rival(String name, int port, Process process) {
        this.name = name;
        this.port = port;
        this.process = process;
    }

    /**
     * Starts it and waits until it accepts connections.
     *
     * @param command for the shell; {@code {port}}, {@code {prefill}}, {@code {decode}} and {@code {extra}} are replaced
     */
    static Rival start(String name, String command, int prefiller, int decoder, Path folder)
            throws IOException, InterruptedException {
        int port = freePort();
        String filled = command.replace("{port}", String.valueOf(port))
                .replace("{prefill}", String.valueOf(prefiller))
                .replace("{decode}", String.valueOf(decoder))
                .replace("{extra}", String.valueOf(freePort()));
        Path log = folder.resolve(name + ".log");
        Process process = new ProcessBuilder("sh", "-c", "exec " + filled)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Rival rival = new Rival(name, port, process);
        Runtime.getRuntime().addShutdownHook(new Thread(rival::kill));
        for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1); !rival.accepts(); ) {
            if (!process.isAlive() || System.nanoTime() - end > 0) {
                rival.close();
                throw new IOException(name + " does not listen; see " + log);
            }
            LockSupport.parkNanos(10_000_000);
        }
        return rival;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    /** Processor time so far, of its children too. */
    double cpuMicros() throws IOException {
        double ticks = 0;
        for (ProcessHandle one : tree()) {
            try {
                String stat = Files.readString(Path.of("/proc/" + one.pid() + "/stat"));
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            } catch (java.nio.file.NoSuchFileException e) {
                // It has ended meanwhile.
            }
        }
        return ticks * 1e6 / TICKS_A_SECOND;
    }

    /** Resident memory now, in MiB. */
    double residentMiB() throws IOException {
        double kib = 0;
        for (ProcessHandle one : tree()) {
            for (String line : Files.readAllLines(Path.of("/proc/" + one.pid() + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    kib += Double.parseDouble(line.replaceAll("\\D", ""));
                }
            }
        }
        return kib / 1024;
    }

    private List<ProcessHandle> tree() {
        return java.util.stream.Stream.concat(java.util.stream.Stream.of(process.toHandle()), process.descendants())
                .toList();
    }

    /** Ends it without a word to it, or to what it has started. */
    private void kill() {
        tree().forEach(ProcessHandle::destroyForcibly);
    }

    @Override
    public void close() {
        List<ProcessHandle> all = tree();
        all.forEach(ProcessHandle::destroy);
        all.forEach(one -> {
            try {
                one.onExit().get(SECONDS_TO_END, TimeUnit.SECONDS);
            } catch (InterruptedException
                    | java.util.concurrent.ExecutionException
                    | java.util.concurrent.TimeoutException e) {
                one.destroyForcibly();
            }
        });
    }
}
