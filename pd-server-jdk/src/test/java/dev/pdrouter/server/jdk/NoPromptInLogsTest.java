package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.testkit.EngineHandler;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.text.MessageFormat;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever goes wrong, and however much is logged, no line holds a prompt, an answer, a handoff or a credential. */
class NoPromptInLogsTest {

    private final Logger router = Logger.getLogger("dev.pdrouter");
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Handler recorder = new Handler() {
        @Override
        public void publish(LogRecord record) {
            StringWriter line = new StringWriter();
            line.append(
                    record.getParameters() == null
                            ? record.getMessage()
                            : MessageFormat.format(record.getMessage(), record.getParameters()));
            if (record.getThrown() != null) {
                record.getThrown().printStackTrace(new PrintWriter(line));
            }
            lines.add(line.toString());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void record() {
        router.setLevel(Level.ALL);
        router.addHandler(recorder);
    }

    @AfterEach
    void stop() {
        router.removeHandler(recorder);
        router.setLevel(null);
    }

    @Test
    void failuresAreLoggedWithoutWhatTheyWereAbout() throws Exception {
        EngineHandler handsOver = call -> {
            switch (call.header("case").orElse("")) {
                case "reset" -> call.reset();
                case "nonsense" -> call.answer(200, "text/plain", "secret nonsense");
                case "refused" -> call.answer(400, "application/json", "{\"error\":\"secret\"}");
                case "empty" -> call.answer(200, "application/json", "{\"secret\":1}");
                default ->
                    call.answer(200, "application/json", "{\"kv_transfer_params\":{\"remote_engine_id\":\"secret\"}}");
            }
        };
        EngineHandler answers = call -> {
            if (call.header("case").orElse("").equals("cut")) {
                call.beginEvents().send("data: secret\n\n");
                call.close();
            } else {
                call.answer(200, "application/json", "{\"secret\":1}");
            }
        };
        try (Stack stack = Stack.of(handsOver, answers)) {
            for (String name : new String[] {"", "reset", "nonsense", "refused", "empty", "cut"}) {
                for (String body : new String[] {"{\"prompt\":\"secret\"}", "{\"prompt\":\"secret", "secret"}) {
                    try (RawClient client = stack.client()) {
                        client.send(RawClient.post(
                                "/v1/completions",
                                body,
                                "case: " + name,
                                "Authorization: Bearer secret",
                                "x-prefiller-host-port: " + stack.prefiller.address()));
                        client.head();
                    }
                }
            }
            stack.awaitIdle();
        }
        assertThat(lines).hasSizeGreaterThan(10).noneMatch(line -> line.contains("secret"));
    }
}
