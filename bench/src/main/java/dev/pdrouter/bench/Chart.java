package dev.pdrouter.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The results as an SVG: what a request costs by the size of its prompt, and how long it takes by connections. */
final class Chart {

    private static final List<String> COLOURS =
            List.of("#1b6ca8", "#c0504d", "#6a994e", "#8064a2", "#e08e0b", "#4a4a4a", "#17a2a2");
    private static final int WIDTH = 420;
    private static final int HEIGHT = 300;
    private static final int LEFT = 60;
    private static final int TOP = 40;

    private final Results results;
    private final List<String> rivals;
    private final StringBuilder svg = new StringBuilder();

    private Chart(Results results, List<String> rivals) {
        this.results = results;
        this.rivals = rivals;
    }

    static String svg(Results results, List<String> rivals) {
        return new Chart(results, rivals).draw();
    }

    private String draw() {
        int height = TOP + HEIGHT + 60 + 18 * rivals.size();
        svg.append(text(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">%n",
                3 * (LEFT + WIDTH) + 20, height));
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        panel(
                0,
                "CPU time a request, µs, by prompt size",
                scenarios("1 KB, 16 connections", "10 KB,", "100 KB,", "1 MB,", "10 MB,"),
                List.of("1 KB", "10 KB", "100 KB", "1 MB", "10 MB"),
                Results.Figures::cpuMicros);
        List<Scenario> byConnections = scenarios("1 KB, 1 connection", "1 KB, 16 connections", "1 KB, 128 connections");
        List<String> connections = List.of("1", "16", "128");
        panel(
                1,
                "median time of an answer, µs, by connections",
                byConnections,
                connections,
                Results.Figures::medianMicros);
        panel(2, "99th percentile, µs, by connections", byConnections, connections, Results.Figures::slowMicros);
        for (int i = 0; i < rivals.size(); i++) {
            int y = TOP + HEIGHT + 50 + 18 * i;
            svg.append(text(
                    "<rect x=\"%d\" y=\"%d\" width=\"14\" height=\"4\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>%n",
                    LEFT, y - 6, colour(i), LEFT + 22, y, rivals.get(i)));
        }
        return svg.append("</svg>\n").toString();
    }

    private static List<Scenario> scenarios(String... beginnings) {
        return List.of(beginnings).stream()
                .map(beginning -> Scenario.ALL.stream()
                        .filter(scenario -> scenario.name().startsWith(beginning))
                        .findFirst()
                        .orElseThrow())
                .toList();
    }

    private void panel(
            int column,
            String title,
            List<Scenario> scenarios,
            List<String> labels,
            ToDoubleFunction<Results.Figures> figure) {
        int x0 = LEFT + column * (LEFT + WIDTH);
        svg.append(text("<text x=\"%d\" y=\"24\" font-weight=\"bold\">%s</text>%n", x0, title));
        for (int power = 1; power <= 6; power++) {
            int y = y(Math.pow(10, power));
            svg.append(text(
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%d\" text-anchor=\"end\">%,d</text>%n",
                    x0, x0 + WIDTH - 20, y, y, x0 - 6, y + 4, (long) Math.pow(10, power)));
        }
        for (int i = 0; i < labels.size(); i++) {
            svg.append(text(
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                    x(x0, i, labels.size()), TOP + HEIGHT + 18, labels.get(i)));
        }
        for (int rival = 0; rival < rivals.size(); rival++) {
            line(x0, scenarios, rival, figure);
        }
    }

    private void line(int x0, List<Scenario> scenarios, int rival, ToDoubleFunction<Results.Figures> figure) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < scenarios.size(); i++) {
            if (results.has(scenarios.get(i), rivals.get(rival))) {
                int x = x(x0, i, scenarios.size());
                int y = y(results.median(scenarios.get(i), rivals.get(rival), figure));
                points.append(x).append(',').append(y).append(' ');
                svg.append(text("<circle cx=\"%d\" cy=\"%d\" r=\"3\" fill=\"%s\"/>%n", x, y, colour(rival)));
            }
        }
        svg.append(text(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n", points, colour(rival)));
    }

    private static int x(int x0, int index, int count) {
        return x0 + 20 + index * (WIDTH - 60) / Math.max(1, count - 1);
    }

    /** Both scales are logarithmic, from 10 µs to a second. */
    private static int y(double micros) {
        double share = (Math.log10(Math.max(10, micros)) - 1) / 5;
        return TOP + HEIGHT - (int) Math.round(share * HEIGHT);
    }

    private static String colour(int rival) {
        return COLOURS.get(rival % COLOURS.size());
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
