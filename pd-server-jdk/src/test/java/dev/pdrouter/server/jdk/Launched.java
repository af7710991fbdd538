package dev.pdrouter.server.jdk;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The launcher in a JVM of its own, started from the class path of the tests. */
final class Launched implements AutoCloseable {

    private static final List<String> OPENS = List.of(
            "--add-opens=jdk.httpserver/sun.net.httpserver=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.net=ALL-UNNAMED");

    final Process process;
    private final BufferedReader stdout;
    private final BufferedReader stderr;

    private Launched(Process process) {
        this.process = process;
        stdout = process.inputReader(StandardCharsets.UTF_8);
        stderr = process.errorReader(StandardCharsets.UTF_8);
    }

    static Launched with(String... arguments) throws IOException {
        return started(OPENS, arguments);
    }

    /** On a machine that knows no other names than those of a file. */
    static Launched resolving(Path hosts, String... arguments) throws IOException {
        return withProperty("jdk.net.hosts.file=" + hosts, arguments);
    }

    static Launched withProperty(String property, String... arguments) throws IOException {
        return started(Stream.concat(OPENS.stream(), Stream.of("-D" + property)).toList(), arguments);
    }

    /** In a JVM that shows nothing of its internals. */
    static Launched closed(String... arguments) throws IOException {
        return started(List.of(), arguments);
    }

    private static Launched started(List<String> options, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder process = new ProcessBuilder(command);
        process.environment().remove("POD_IP"); // whatever machine the tests run on
        return new Launched(process.start());
    }

    /** The packaged sidecar, with as much heap as its script gives it. */
    static Launched jar(Path jar, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-jar",
                jar.toString()));
        command.addAll(List.of(arguments));
        return new Launched(new ProcessBuilder(command).start());
    }

    /** Reads stderr up to a line that holds a text, and answers that line. */
    String awaitLine(String text) throws IOException {
        StringBuilder seen = new StringBuilder();
        for (String line = stderr.readLine(); line != null; line = stderr.readLine()) {
            if (line.contains(text)) {
                return line;
            }
            seen.append(line).append('\n');
        }
        throw new AssertionError("ended without '" + text + "':\n" + seen);
    }

    /** The port that its one line at the start names. */
    int awaitPort() throws IOException {
        String line = awaitLine("listening on ");
        String address = line.replaceAll(".*listening on (\\S+),.*", "$1");
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /** All that it still prints. */
    List<String> stdout() {
        return stdout.lines().toList();
    }

    /** All that it still says. */
    List<String> stderr() {
        return stderr.lines().toList();
    }

    int exitStatus() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("still running");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
