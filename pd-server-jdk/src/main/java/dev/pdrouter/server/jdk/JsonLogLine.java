package dev.pdrouter.server.jdk;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.logging.LogRecord;

/** The log for machines: one JSON object a line, with {@code ts}, {@code level}, {@code logger} and {@code msg}. */
final class JsonLogLine extends LogLine {

    JsonLogLine(LogLevel level) {
        super(level);
    }

    @Override
    public String format(LogRecord line) {
        StringBuilder json = new StringBuilder("{\"ts\":\"").append(time(line)).append('"');
        member(json, "level", level(line).toLowerCase(java.util.Locale.ROOT));
        member(json, "logger", String.valueOf(line.getLoggerName()));
        if (line.getParameters() instanceof Object[] given
                && given.length == 1
                && given[0] instanceof AccessLine access) {
            member(json, "msg", "access");
            access.values().forEach((name, value) -> member(json, name, value));
        } else {
            member(json, "msg", formatMessage(line));
        }
        if (line.getThrown() != null) {
            member(json, "error", line.getThrown().toString());
        }
        stack(line).ifPresent(stack -> member(json, "stack", stack));
        return json.append("}\n").toString();
    }

    private static void member(StringBuilder json, String name, Object value) {
        json.append(",\"").append(name).append("\":");
        if (value instanceof Number) {
            json.append(value);
        } else {
            quote(value.toString(), json);
        }
    }

    /** Appends a string as JSON has it. */
    static void quote(String value, StringBuilder to) {
        to.append('"');
        JsonStringEncoder.getInstance().quoteAsString(value, to);
        to.append('"');
    }
}
