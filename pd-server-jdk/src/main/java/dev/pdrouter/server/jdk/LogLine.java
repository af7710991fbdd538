package dev.pdrouter.server.jdk;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * What every format of the log has in common.
 *
 * <p>An exception is one line that says what it is. Its stack trace follows where somebody can use it: at {@code error},
 * which is for what should never happen, and when the log is set to {@code debug} or {@code trace}.
 */
abstract class LogLine extends Formatter {

    private final boolean verbose;

    LogLine(LogLevel level) {
        verbose = level.compareTo(LogLevel.DEBUG) >= 0;
    }

    static LogLine of(LogFormat format, LogLevel level) {
        return format == LogFormat.JSON ? new JsonLogLine(level) : new TextLogLine(level);
    }

    /** Milliseconds always, unlike {@code Instant.toString}, so that lines align and sort. */
    static String time(LogRecord line) {
        String text = line.getInstant().toString();
        String second = text.substring(0, 19);
        return second + "." + String.format("%03d", line.getInstant().getNano() / 1_000_000) + "Z";
    }

    static String level(LogRecord line) {
        return LogLevel.of(line.getLevel()).name();
    }

    Optional<String> stack(LogRecord line) {
        Throwable thrown = line.getThrown();
        if (thrown == null || !verbose && line.getLevel().intValue() < Level.SEVERE.intValue()) {
            return Optional.empty();
        }
        StringWriter stack = new StringWriter();
        thrown.printStackTrace(new PrintWriter(stack));
        return Optional.of(stack.toString());
    }
}
