package dev.pdrouter.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs every router through every scenario, in rounds that take turns, so that what disturbs the machine disturbs all
 * alike, and writes the table and the chart.
 */
final class Compare {

    private static final int EVENTS = 100;
    private static final int GAP_MICROS = 1000;
    private static final double WARM_UP_SECONDS = 4;
    private static final int PACED_EVENTS = 200;
    private static final long PACED_GAP = 20_000_000;

    private final Arguments arguments;
    private final List<Process> engines = new ArrayList<>();
    private final List<Rival> rivals = new ArrayList<>();
    private final Results results = new Results();

    private Compare(Arguments arguments) {
        this.arguments = arguments;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Arguments arguments;
        try {
            arguments = Arguments.parse(List.of(args));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        new Compare(arguments).run();
    }

    private void run() throws IOException, InterruptedException {
        try {
            Files.createDirectories(arguments.folder());
            int prefiller = engine("prefiller");
            int decoder = engine("decoder");
            for (Map.Entry<String, String> command : arguments.commands().entrySet()) {
                rivals.add(Rival.start(command.getKey(), command.getValue(), prefiller, decoder, arguments.folder()));
            }
            warmUp(prefiller);
            for (int round = 1; round <= arguments.rounds(); round++) {
                for (Scenario scenario : arguments.scenarios()) {
                    System.err.println("round " + round + " of " + arguments.rounds() + ": " + scenario.name());
                    for (Rival rival : rivals) {
                        results.add(scenario, rival.name(), measure(scenario, rival, prefiller));
                    }
                }
            }
            report();
            if (arguments.streams() > 0) {
                crowds(prefiller);
            }
        } finally {
            rivals.forEach(Rival::close);
            engines.forEach(Process::destroy);
        }
    }

    private int engine(String role) throws IOException {
        Process engine = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BareEngine.class.getName(),
                        role,
                        String.valueOf(EVENTS),
                        String.valueOf(GAP_MICROS))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        engines.add(engine);
        BufferedReader out =
                new BufferedReader(new InputStreamReader(engine.getInputStream(), StandardCharsets.US_ASCII));
        return Integer.parseInt(String.valueOf(out.readLine()));
    }

    private void warmUp(int prefiller) throws InterruptedException {
        System.err.println("warming up");
        for (Scenario scenario : arguments.scenarios()) {
            for (Rival rival : rivals) {
                new Load(scenario, rival.port(), prefiller).run(WARM_UP_SECONDS);
            }
        }
    }

    private Results.Figures measure(Scenario scenario, Rival rival, int prefiller)
            throws IOException, InterruptedException {
        double before = rival.cpuMicros();
        long begun = System.nanoTime();
        Load.Seen seen = new Load(scenario, rival.port(), prefiller).run(arguments.seconds());
        double seconds = (System.nanoTime() - begun) / 1e9;
        return new Results.Figures(
                (rival.cpuMicros() - before) / Math.max(1, seen.requests()),
                seen.requests() / seconds,
                seen.micros(0.5),
                seen.micros(0.99),
                seen.failures());
    }

    /** One router after the other, alone: all of the machine is needed for it. */
    private void crowds(int prefiller) throws IOException, InterruptedException {
        rivals.forEach(Rival::close);
        rivals.clear();
        StringBuilder table = new StringBuilder(
                arguments.streams() + " streams at once, an event every 20 ms in each\n\n" + Crowd.HEADING + "\n");
        try (PacedEngine decoder = PacedEngine.start(PACED_EVENTS, PACED_GAP)) {
            table.append(crowd("no router", decoder.port(), () -> 0, prefiller));
            for (Map.Entry<String, String> command : arguments.commands().entrySet()) {
                String name = command.getKey();
                try (Rival rival =
                        Rival.start(name, command.getValue(), prefiller, decoder.port(), arguments.folder())) {
                    table.append(crowd(name, rival.port(), rival::cpuMicros, prefiller));
                }
            }
        }
        System.out.println("\n" + table);
        Files.writeString(arguments.folder().resolve("streams.md"), table);
    }

    private String crowd(String name, int port, Crowd.Clock cpu, int prefiller) throws IOException {
        System.err.println("streams: " + name);
        for (int streams = Math.max(1, arguments.streams() / 10); streams < arguments.streams(); streams *= 2) {
            Crowd.read(port, cpu, prefiller, streams, PACED_EVENTS, PACED_GAP); // to warm up
        }
        return Crowd.read(port, cpu, prefiller, arguments.streams(), PACED_EVENTS, PACED_GAP)
                        .row(name)
                + "\n";
    }

    private void report() throws IOException {
        Map<String, Double> memory = new LinkedHashMap<>();
        for (Rival rival : rivals) {
            memory.put(rival.name(), rival.residentMiB());
        }
        String table = Table.of(results, arguments.scenarios(), memory);
        System.out.println(table);
        Files.writeString(arguments.folder().resolve("table.md"), table);
        Files.writeString(arguments.folder().resolve("chart.svg"), Chart.svg(results, List.copyOf(memory.keySet())));
        System.err.println("table.md and chart.svg are in " + arguments.folder());
    }
}
