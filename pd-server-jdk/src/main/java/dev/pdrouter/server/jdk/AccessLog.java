package dev.pdrouter.server.jdk;

import dev.pdrouter.Stage;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.event.PdListener;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Remembers one request and writes a line when it has ended. What it says of a stage is what the last engine that was asked
 * did: of the others, the log's warnings tell.
 */
final class AccessLog implements PdListener {

    /** Written whatever the level of the log is. */
    private static final Logger LINES = Logger.getLogger("dev.pdrouter.access");

    private static final int LONGEST_PATH = 1000;

    private final Map<Stage, PdEvent.StageEnded> stages = new ConcurrentHashMap<>();
    private volatile PdEvent.@Nullable Received received;
    private volatile @Nullable String alone;
    private volatile @Nullable Duration firstByte;
    private volatile int failedOver;

    /** Turns the lines on, whatever the level of the log. */
    static void open() {
        LINES.setLevel(Level.INFO);
    }

    @Override
    public void on(PdEvent event) {
        switch (event) {
            case PdEvent.Received begun -> received = begun;
            case PdEvent.DecodeAlone why -> alone = why.reason();
            case PdEvent.StageEnded stage -> stages.put(stage.stage(), stage);
            case PdEvent.FailedOver any -> failedOver = failedOver + 1;
            case PdEvent.FirstByte first -> firstByte = first.took();
            case PdEvent.Ended end -> write(line(end));
            case PdEvent.StageStarted any -> {}
            case PdEvent.PassedOver any -> {}
            case PdEvent.Released any -> {}
            case PdEvent.Unheard any -> {}
        }
    }

    private AccessLine line(PdEvent.Ended end) {
        AccessLine line = new AccessLine().with("request", end.requestId());
        PdEvent.Received begun = received;
        if (begun != null) {
            line.with("method", begun.method()).with("path", shown(begun.path()));
        }
        end.status().ifPresent(status -> line.with("status", status));
        line.with("outcome", word(end.outcome())).with("ms", end.took());
        Duration first = firstByte;
        if (first != null) {
            line.with("first_byte_ms", first);
        }
        for (Stage stage : Stage.values()) {
            PdEvent.StageEnded ended = stages.get(stage);
            if (ended != null) {
                line.with(stage.engine(), ended.target()).with(stage + "_ms", ended.took());
                ended.status().ifPresent(status -> line.with(stage + "_status", status));
            }
        }
        String why = alone;
        if (why != null) {
            line.with("decoder_alone", why);
        }
        if (failedOver > 0) {
            line.with("failed_over", failedOver);
        }
        end.failure().ifPresent(failure -> line.with("failed", failure.stage().engine())
                .with("failure", word(failure.kind())));
        return line;
    }

    /** The beginning of a path: what follows an encoded {@code ?} may be meant for a query, which is not logged. */
    private static String shown(String path) {
        int query = path.indexOf('?');
        String shown = query < 0 ? path : path.substring(0, query);
        return shown.length() <= LONGEST_PATH ? shown : shown.substring(0, LONGEST_PATH) + "...";
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static void write(AccessLine line) {
        LogRecord written = new LogRecord(Level.INFO, "{0}");
        written.setLoggerName(LINES.getName());
        written.setParameters(new Object[] {line});
        LINES.log(written);
    }
}
