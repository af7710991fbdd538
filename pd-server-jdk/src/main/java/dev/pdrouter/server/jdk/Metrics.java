package dev.pdrouter.server.jdk;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.PdException.EngineFailed;
import dev.pdrouter.Stage;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.event.PdListener;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.IntSupplier;

/**
 * What is counted of all requests, as Prometheus reads it.
 *
 * <p>No label has a value that a client chooses: engines' addresses come from headers, and are in the log.
 */
final class Metrics {

    /** From what a hop adds to what a long answer takes. */
    private static final double[] SECONDS = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250
    };

    private static final String OTHER = "other";
    private static final String NONE = "none";
    private static final String FREED = "freed";
    private static final String LEFT_TO_LEASE = "left_to_lease";

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer =
            PrometheusTextFormatWriter.builder().build();

    private final Counter requests = Counter.builder()
            .name("pdrouter_requests_total")
            .help("Requests that have ended, by what the client was answered; none when nothing.")
            .labelNames("endpoint", "outcome", "status")
            .register(registry);
    private final Histogram durations =
            seconds("pdrouter_request_duration_seconds", "From a request's head to the end of its answer.", "endpoint");
    private final Histogram firstBytes = seconds(
            "pdrouter_time_to_first_byte_seconds",
            "From a request's head to the first byte of the decoder's answer, for those that got one.",
            "endpoint");
    private final Histogram stages = seconds(
            "pdrouter_stage_duration_seconds", "From calling an engine to its whole answer, or its end.", "stage");
    private final Counter calls = Counter.builder()
            .name("pdrouter_stages_total")
            .help("Calls of engines that have ended, by the status of a whole answer; none when there was none.")
            .labelNames("stage", "status")
            .register(registry);
    private final Counter alone = Counter.builder()
            .name("pdrouter_decoder_alone_total")
            .help("Generation requests without a prefill elsewhere, by why.")
            .labelNames("reason")
            .register(registry);
    private final Counter failedOver = Counter.builder()
            .name("pdrouter_prefill_failovers_total")
            .help("Prefills that failed and were not the end of their request.")
            .register(registry);
    private final Counter passedOver = Counter.builder()
            .name("pdrouter_prefillers_passed_over_total")
            .help("Candidates that were not asked in their turn, since they kept failing.")
            .register(registry);
    private final Counter failures = Counter.builder()
            .name("pdrouter_engine_failures_total")
            .help("Requests without success because of an engine, by the stage that failed and how.")
            .labelNames("stage", "kind")
            .register(registry);
    private final Counter released = Counter.builder()
            .name("pdrouter_handoffs_released_total")
            .help(
                    "Handoffs that no decode took over, by why; freed when the decoder has read them, else left to the lease.")
            .labelNames("reason", "result")
            .register(registry);
    private final Counter unheard = Counter.builder()
            .name("pdrouter_prefills_unheard_total")
            .help(
                    "Prefills dropped without an answer since the client left; a few may have kept blocks until the lease.")
            .register(registry);

    /** What can be known before there is a router. */
    Metrics(String version) {
        Info.builder()
                .name("pdrouter_build_info")
                .help("The version.")
                .labelNames("version")
                .register(registry)
                .addLabelValues(version);
        // From 0 on, so that the first failure is seen to be one more.
        for (Stage stage : Stage.values()) {
            stages.initLabelValues(stage.toString());
            for (EngineFailed.Kind kind : EngineFailed.Kind.values()) {
                failures.initLabelValues(stage.toString(), word(kind));
            }
        }
        for (PdEvent.Stranded reason : PdEvent.Stranded.values()) {
            released.initLabelValues(word(reason), FREED);
            released.initLabelValues(word(reason), LEFT_TO_LEASE);
        }
    }

    /** Counts too how many requests are in flight. */
    void inFlight(IntSupplier count) {
        GaugeWithCallback.builder()
                .name("pdrouter_requests_in_flight")
                .help("Requests that are being handled.")
                .callback(gauge -> gauge.call(count.getAsInt()))
                .register(registry);
    }

    /** What counts one request. */
    PdListener ofRequest() {
        return new OfRequest();
    }

    String contentType() {
        return writer.getContentType();
    }

    void writeTo(OutputStream out) throws IOException {
        writer.write(out, registry.scrape());
    }

    private Histogram seconds(String name, String help, String label) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .classicOnly()
                .classicUpperBounds(SECONDS)
                .register(registry);
    }

    private static void observe(DistributionDataPoint point, Duration took) {
        point.observe(took.toNanos() / 1e9);
    }

    private static String status(OptionalInt status) {
        return status.isPresent() ? String.valueOf(status.getAsInt()) : NONE;
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Counts one request. */
    private final class OfRequest implements PdListener {

        private volatile String endpoint = OTHER;

        @Override
        public void on(PdEvent event) {
            switch (event) {
                case PdEvent.Received begun -> endpoint = endpoint(begun);
                case PdEvent.DecodeAlone why -> alone.labelValues(why.reason()).inc();
                case PdEvent.StageEnded stage -> count(stage);
                case PdEvent.PassedOver any -> passedOver.inc();
                case PdEvent.FailedOver any -> failedOver.inc();
                case PdEvent.FirstByte first -> observe(firstBytes.labelValues(endpoint), first.took());
                case PdEvent.Released handoff ->
                    released.labelValues(word(handoff.why()), handoff.failure().isEmpty() ? FREED : LEFT_TO_LEASE)
                            .inc();
                case PdEvent.Unheard any -> unheard.inc();
                case PdEvent.Ended end -> count(end);
                case PdEvent.StageStarted any -> {}
            }
        }

        private static String endpoint(PdEvent.Received begun) {
            return begun.method().equals("POST")
                    ? GenerationApi.ofPath(begun.path())
                            .map(GenerationApi::path)
                            .orElse(OTHER)
                    : OTHER;
        }

        private void count(PdEvent.StageEnded stage) {
            String name = stage.stage().toString();
            calls.labelValues(name, status(stage.status())).inc();
            observe(stages.labelValues(name), stage.took());
        }

        private void count(PdEvent.Ended end) {
            requests.labelValues(endpoint, word(end.outcome()), status(end.status()))
                    .inc();
            observe(durations.labelValues(endpoint), end.took());
            end.failure().ifPresent(why -> failures.labelValues(why.stage().toString(), word(why.kind()))
                    .inc());
        }
    }
}
