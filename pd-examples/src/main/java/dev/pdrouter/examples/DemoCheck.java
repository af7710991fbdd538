package dev.pdrouter.examples;

import dev.pdrouter.testkit.VllmDecoder;
import dev.pdrouter.testkit.VllmPrefiller;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Stream;

/** Whether both workers took part in both requests, as the engines themselves count. */
final class DemoCheck {
    private static final int REQUESTS = 2;

    private final VllmPrefiller prefiller;
    private final VllmDecoder decoder;

    DemoCheck(DemoStack stack) {
        prefiller = stack.prefiller();
        decoder = stack.decoder();
    }

    boolean print(PrintStream out) {
        List<String> violations = Stream.concat(prefiller.violations().stream(), decoder.violations().stream())
                .toList();
        boolean good = prefiller.requests() == REQUESTS
                && prefiller.handoffs().size() == REQUESTS
                && decoder.requests() == REQUESTS
                && decoder.transfers().size() == REQUESTS
                && decoder.localPrefills() == 0
                && violations.isEmpty();
        out.printf(
                "%n%s  prefiller: %d requests, %d handoffs · decoder: %d requests, %d KV transfers, %d local prefills%n",
                good ? "OK" : "FAILED",
                prefiller.requests(),
                prefiller.handoffs().size(),
                decoder.requests(),
                decoder.transfers().size(),
                decoder.localPrefills());
        violations.forEach(what -> out.println("  " + what));
        return good;
    }
}
