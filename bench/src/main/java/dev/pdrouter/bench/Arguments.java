package dev.pdrouter.bench;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the command line asks for.
 *
 * @param commands how to start each router, by name; the first is what the others are compared with
 * @param rounds how often each scenario is measured
 * @param seconds of each measurement
 * @param scenarios which
 * @param streams read at once in a measurement of their own; 0 for none
 * @param folder where table, chart and logs go
 */
record Arguments(
        Map<String, String> commands, int rounds, double seconds, List<Scenario> scenarios, int streams, Path folder) {

    private static final String USAGE =
            """
            usage: bench/compare [--rounds N] [--seconds N] [--only TEXT] [--streams N] [--out FOLDER] NAME=COMMAND ...

            Each COMMAND starts a router; in it {port} is where to listen, {prefill} and {decode} are the engines' ports
            on localhost and {extra} is a free port. pd-router is measured beside them. --only takes the scenarios whose
            name contains TEXT. --streams measures how late events are in so many streams at once, each with one every
            20 ms.""";

    static Arguments parse(List<String> words) {
        Map<String, String> commands = new LinkedHashMap<>();
        int rounds = 3;
        double seconds = 3;
        String only = "";
        int streams = 0;
        Path folder = Path.of("bench", "target", "results");
        try {
            for (Iterator<String> rest = words.iterator(); rest.hasNext(); ) {
                String word = rest.next();
                switch (word) {
                    case "--rounds" -> rounds = Integer.parseInt(rest.next());
                    case "--seconds" -> seconds = Double.parseDouble(rest.next());
                    case "--only" -> only = rest.next();
                    case "--streams" -> streams = Integer.parseInt(rest.next());
                    case "--out" -> folder = Path.of(rest.next());
                    default -> {
                        int equals = word.indexOf('=');
                        if (word.startsWith("-") || equals < 1) {
                            throw new IllegalArgumentException(USAGE);
                        }
                        commands.put(word.substring(0, equals), word.substring(equals + 1));
                    }
                }
            }
        } catch (NumberFormatException | java.util.NoSuchElementException e) {
            throw new IllegalArgumentException(USAGE, e);
        }
        String part = only;
        List<Scenario> scenarios = Scenario.ALL.stream()
                .filter(scenario -> scenario.name().contains(part))
                .toList();
        if (commands.isEmpty() || scenarios.isEmpty() || rounds < 1 || seconds <= 0 || streams < 0) {
            throw new IllegalArgumentException(USAGE);
        }
        return new Arguments(commands, rounds, seconds, scenarios, streams, folder);
    }
}
