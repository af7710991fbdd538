package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogLineTest {

    private static LogRecord line(Level level, String message) {
        LogRecord line = new LogRecord(level, message);
        line.setInstant(Instant.parse("2026-11-22T22:40:01.1Z"));
        line.setLoggerName("dev.pdrouter.Test");
        return line;
    }

    @Test
    void textHasTimeLevelAndMessage() {
        LogLine text = LogLine.of(LogFormat.TEXT, LogLevel.INFO);
        assertThat(text.format(line(Level.INFO, "up"))).isEqualTo("2026-11-22T22:40:01.100Z INFO  up\n");
        assertThat(text.format(line(Level.WARNING, "up"))).isEqualTo("2026-11-22T22:40:01.100Z WARN  up\n");
        assertThat(text.format(line(Level.FINEST, "up"))).isEqualTo("2026-11-22T22:40:01.100Z TRACE up\n");
    }

    @Test
    void aMessageIsOneLine() {
        assertThat(LogLine.of(LogFormat.TEXT, LogLevel.INFO).format(line(Level.INFO, "a\nb\rc")))
                .endsWith("INFO  a\\nb\\rc\n");
    }

    @Test
    void anExceptionIsOneLineAndItsStackIsForErrorsAndForDebugging() {
        LogRecord warning = line(Level.WARNING, "failed");
        warning.setThrown(new IOException("reset"));
        assertThat(LogLine.of(LogFormat.TEXT, LogLevel.INFO).format(warning))
                .isEqualTo("2026-11-22T22:40:01.100Z WARN  failed: java.io.IOException: reset\n");
        assertThat(LogLine.of(LogFormat.TEXT, LogLevel.DEBUG).format(warning)).contains("\tat ");
        LogRecord error = line(Level.SEVERE, "failed");
        error.setThrown(new IOException("reset"));
        assertThat(LogLine.of(LogFormat.TEXT, LogLevel.INFO).format(error)).contains("\tat ");
    }

    @Test
    void jsonIsOneObjectALine() throws IOException {
        LogRecord warning = line(Level.WARNING, "say \"hi\"\n\u0001");
        warning.setThrown(new IOException("reset"));
        String text = LogLine.of(LogFormat.JSON, LogLevel.INFO).format(warning);
        assertThat(text).endsWith("}\n").containsOnlyOnce("\n");
        JsonNode json = new ObjectMapper().readTree(text);
        assertThat(json.get("ts").asText()).isEqualTo("2026-11-22T22:40:01.100Z");
        assertThat(json.get("level").asText()).isEqualTo("warn");
        assertThat(json.get("logger").asText()).isEqualTo("dev.pdrouter.Test");
        assertThat(json.get("msg").asText()).isEqualTo("say \"hi\"\n\u0001");
        assertThat(json.get("error").asText()).isEqualTo("java.io.IOException: reset");
        assertThat(json.has("stack")).isFalse();
    }
}
