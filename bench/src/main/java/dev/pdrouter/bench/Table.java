package dev.pdrouter.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The results in Markdown: for each router the CPU time of a request, its ratio to the first router's, and latencies. */
final class Table {

    private Table() {}

    static String of(Results results, List<Scenario> scenarios, Map<String, Double> memory) {
        List<String> rivals = List.copyOf(memory.keySet());
        String first = rivals.getFirst();
        StringBuilder table = new StringBuilder("| CPU µs a request (ratio), p50 / p99 µs |");
        rivals.forEach(rival -> table.append(' ').append(rival).append(" |"));
        table.append("\n|---|").append("---|".repeat(rivals.size())).append('\n');
        for (Scenario scenario : scenarios) {
            double base = results.median(scenario, first, Results.Figures::cpuMicros);
            table.append("| ").append(scenario.name()).append(" |");
            for (String rival : rivals) {
                double cpu = results.median(scenario, rival, Results.Figures::cpuMicros);
                table.append(String.format(
                        Locale.ROOT,
                        " %.0f (%.2f), %.0f / %.0f%s |",
                        cpu,
                        cpu / base,
                        results.median(scenario, rival, Results.Figures::medianMicros),
                        results.median(scenario, rival, Results.Figures::slowMicros),
                        failed(results.failures(scenario, rival))));
            }
            table.append('\n');
        }
        table.append("| resident after it all, MiB |");
        memory.values().forEach(mib -> table.append(String.format(Locale.ROOT, " %.0f |", mib)));
        return table.append('\n').toString();
    }

    private static String failed(int failures) {
        return failures == 0 ? "" : ", " + failures + " FAILED";
    }
}
