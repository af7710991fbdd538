package dev.pdrouter.internal;

import dev.pdrouter.EngineRequest;
import dev.pdrouter.PdException;
import dev.pdrouter.Stage;
import dev.pdrouter.Transport;
import dev.pdrouter.connector.Leg;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells engines of legs that were given up, on threads of its own: whoever gave them up goes on. */
final class Aborts {

    private static final Logger LOG = LoggerFactory.getLogger(Aborts.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_ANSWER = 64 * 1024;

    private Aborts() {}

    /** Posts the abort of a leg, with the leg's own headers. */
    static void post(Stage stage, Transport transport, EngineRequest leg, Leg.Abort abort, Alarms alarms) {
        EngineRequest request = new EngineRequest("POST", leg.engine(), abort.path(), leg.headers(), abort.body());
        Thread.startVirtualThread(() -> {
            try (Alarm alarm = alarms.alarm(Thread.currentThread()::interrupt);
                    EngineCall call = EngineCall.send(stage, transport, request, alarm, Patience.forAll(TIMEOUT))) {
                WholeAnswer.read(call, MAX_ANSWER);
                LOG.debug("the {} {} answered {} to an abort", stage.engine(), leg.engine(), call.status());
            } catch (PdException | InterruptedException e) {
                LOG.debug("an abort was not answered: {}", e.getMessage());
            }
        });
    }
}
