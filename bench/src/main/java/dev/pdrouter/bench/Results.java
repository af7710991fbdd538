package dev.pdrouter.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What was measured, round by round; a median stands for a router in a scenario. */
final class Results {

    /**
     * One router in one round of one scenario.
     *
     * @param cpuMicros processor time a request
     * @param aSecond requests a second
     * @param medianMicros how long an answer took
     * @param slowMicros than what 99 of 100 were faster
     * @param failures requests without a 200
     */
    record Figures(double cpuMicros, double aSecond, double medianMicros, double slowMicros, int failures) {}

    private record Key(Scenario scenario, String rival) {}

    private final Map<Key, List<Figures>> rounds = new LinkedHashMap<>();

    void add(Scenario scenario, String rival, Figures figures) {
        rounds.computeIfAbsent(new Key(scenario, rival), key -> new ArrayList<>())
                .add(figures);
    }

    boolean has(Scenario scenario, String rival) {
        return rounds.containsKey(new Key(scenario, rival));
    }

    double median(Scenario scenario, String rival, ToDoubleFunction<Figures> figure) {
        double[] sorted = rounds.getOrDefault(new Key(scenario, rival), List.of()).stream()
                .mapToDouble(figure)
                .sorted()
                .toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    int failures(Scenario scenario, String rival) {
        return rounds.getOrDefault(new Key(scenario, rival), List.of()).stream()
                .mapToInt(Figures::failures)
                .sum();
    }
}
