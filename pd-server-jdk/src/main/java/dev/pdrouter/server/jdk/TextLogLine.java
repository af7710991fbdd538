package dev.pdrouter.server.jdk;

import java.util.logging.LogRecord;

/** The log for people: {@code 2026-11-22T22:40:01.123Z INFO  message}. */
final class TextLogLine extends LogLine {

    TextLogLine(LogLevel level) {
        super(level);
    }

    @Override
    public String format(LogRecord line) {
        StringBuilder text = new StringBuilder(time(line)).append(' ').append(level(line));
        text.repeat(" ", 6 - level(line).length()).append(oneLine(formatMessage(line)));
        if (line.getThrown() != null) {
            text.append(": ").append(oneLine(line.getThrown().toString()));
        }
        text.append('\n');
        stack(line).ifPresent(text::append);
        return text.toString();
    }

    /** What others sent may stand in a message, and must not look like a line of ours. */
    private static String oneLine(String text) {
        return text.replace("\r", "\\r").replace("\n", "\\n");
    }
}
