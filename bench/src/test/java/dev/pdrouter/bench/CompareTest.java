package dev.pdrouter.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class CompareTest {

    private static final Scenario SCENARIO = Scenario.ALL.get(1);

    private static Results twoRivals() {
        Results results = new Results();
        for (double cpu : new double[] {90, 10, 20}) {
            results.add(SCENARIO, "first", new Results.Figures(cpu, 1000, 100, 900, 0));
            results.add(SCENARIO, "second", new Results.Figures(2 * cpu, 500, 200, 1800, 1));
        }
        return results;
    }

    @Test
    void theTableHasMediansAndRatiosToTheFirstAndTellsOfFailures() {
        Map<String, Double> memory = new LinkedHashMap<>();
        memory.put("first", 30.0);
        memory.put("second", 60.4);
        assertThat(Table.of(twoRivals(), List.of(SCENARIO), memory))
                .contains("| " + SCENARIO.name() + " | 20 (1.00), 100 / 900 | 40 (2.00), 200 / 1800, 3 FAILED |")
                .contains("| 30 | 60 |");
    }

    @Test
    void theChartIsAPictureWithALineForEachRival() throws Exception {
        String svg = Chart.svg(twoRivals(), List.of("first", "second"));
        Document picture = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        assertThat(picture.getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(picture.getElementsByTagName("polyline").getLength()).isEqualTo(6);
    }

    @Test
    void aWrongCommandLineIsAnsweredWithTheUsage() {
        for (List<String> words : List.of(
                List.of("--rounds"),
                List.of("--rounds", "x", "a=b"),
                List.of("-x", "a=b"),
                List.of("--streams", "-1", "a=b"),
                List.<String>of())) {
            assertThatThrownBy(() -> Arguments.parse(words))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("usage: bench/compare");
        }
    }

    @Test
    void theFirstNamedRivalIsWhatTheOthersAreComparedWith() {
        Arguments arguments =
                Arguments.parse(List.of("--seconds", "0.5", "--only", "stream", "--streams", "9", "b=x {port}", "a=y"));
        assertThat(arguments.commands().keySet()).containsExactly("b", "a");
        assertThat(arguments.streams()).isEqualTo(9);
        assertThat(arguments.seconds()).isEqualTo(0.5);
        assertThat(arguments.scenarios()).allMatch(Scenario::streamed);
    }

    @Test
    void theRowOfACrowdTellsHowManyEventsCameAndHowLate() {
        long[] delays = new long[1000];
        Arrays.setAll(delays, i -> (i + 1) * 1_000_000L);
        assertThat(new Crowd.Seen(1001, delays, 7.25).row("any"))
                .isEqualTo("| any | 1,000 of 1,001 | 501.0 | 991.0 | 7.3 |");
    }

    @Test
    void aCrowdReadsEveryEventOfEveryStream() throws Exception {
        int streams = 50;
        int events = 20;
        try (PacedEngine engine = PacedEngine.start(events, 1_000_000)) {
            Crowd.Seen seen = Crowd.read(engine.port(), () -> 0, 1, streams, events, 1_000_000);
            assertThat(seen.expected()).isEqualTo(streams * events);
            assertThat(seen.delays()).hasSize(streams * events);
            assertThat(seen.delays()[0]).isPositive();
        }
    }
}
