package dev.pdrouter.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Has a sidecar do for some seconds what sidecars do, so that a JVM that is told to keeps what it learned.
 *
 * <p>{@code build/rehearse.sh} runs it from its source, beside the building of the jar: it may need no class but those of this
 * package and of the JDK.
 */
final class Rehearsal {

    private static final int EVENTS = 100;
    private static final int GAP_MICROS = 1000;

    /** What is done for how many seconds. What a busy sidecar does most comes last, since later profiles weigh more. */
    private record Act(Scenario scenario, double seconds) {}

    private static final List<Act> ACTS = List.of(
            new Act(new Scenario("streams", 1000, true, true, 64), 4.5),
            new Act(new Scenario("large prompts", 100_000, true, false, 4), 1.5),
            new Act(new Scenario("pass-through", 1000, false, false, 16), 1),
            new Act(new Scenario("one client", 1000, true, false, 1), 1.5),
            new Act(new Scenario("many clients", 1000, true, false, 16), 2.5));

    private Rehearsal() {}

    /** Arguments: the folder for the sidecar's log, and its command for the shell, with {@code {port}} and {@code {decode}}. */
    public static void main(String[] args) throws IOException, InterruptedException {
        int prefiller = BareEngine.start("prefiller", 0, 0);
        int decoder = BareEngine.start("decoder", EVENTS, GAP_MICROS);
        try (Rival sidecar = Rival.start("rehearsing", args[1], prefiller, decoder, Path.of(args[0]))) {
            for (Act act : ACTS) {
                Load.Seen seen = new Load(act.scenario(), sidecar.port(), prefiller).run(act.seconds());
                System.out.printf(
                        "%s: %d requests, %d failures%n", act.scenario().name(), seen.requests(), seen.failures());
                if (seen.failures() > 0) {
                    throw new IOException("requests failed");
                }
            }
        }
    }
}
