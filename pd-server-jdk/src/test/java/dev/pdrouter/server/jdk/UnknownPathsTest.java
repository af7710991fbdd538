package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.event.PdEvent;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What is told of requests that name a prefiller where nothing is disaggregated. */
class UnknownPathsTest {

    private static final String BODY = "{\"input\":\"x\"}";

    private final Queue<PdEvent.DecodeAlone> alone = new ConcurrentLinkedQueue<>();

    private Stack stack() throws Exception {
        return Stack.of(
                Stack.HANDS_OVER,
                Stack.ANSWERS,
                builder -> builder.listener(event -> {
                    if (event instanceof PdEvent.DecodeAlone told) {
                        alone.add(told);
                    }
                }));
    }

    private static void ask(Stack stack, String path, String... headers) throws Exception {
        assertThat(stack.client().ask(RawClient.post(path, BODY, headers)).status())
                .isEqualTo(200);
    }

    @Test
    void eachIsAnEventAndTheLogHasEachPathOnce() throws Exception {
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        Logger logger = Logger.getLogger("dev.pdrouter.internal.UnknownPaths");
        Handler recorder = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.setLevel(Level.WARNING);
        logger.addHandler(recorder);
        try (Stack stack = stack()) {
            String address = stack.prefiller.address();
            ask(stack, "/v1/of-this-test", "x-prefiller-host-port: " + address);
            ask(stack, "/v1/of-this-test", "x-prefiller-url: http://" + address);
            ask(stack, "/v1/of-this-test", "x-prefiller-host-port: ");
            ask(stack, "/v1/of-this-test");
            assertThat(alone).hasSize(2);
            assertThat(lines).hasSize(1).allSatisfy(line -> assertThat(line).doesNotContain(address));
            ask(stack, "/v2/of-this-test", "x-prefiller-url: http://" + address);
            assertThat(lines).hasSize(2);
            assertThat(stack.prefiller.calls()).isEmpty();
        } finally {
            logger.removeHandler(recorder);
            logger.setLevel(null);
        }
    }

    @Test
    void anEndpointForTheDecoderAloneSaysSo() throws Exception {
        try (Stack stack = stack()) {
            for (String path : List.of("/invocations", "/v1/chat/completions/batch", "/cohere/v2/chat")) {
                ask(stack, path, "x-prefiller-host-port: " + stack.prefiller.address());
            }
            assertThat(alone)
                    .extracting(PdEvent.DecodeAlone::reason)
                    .containsOnly("an endpoint for the decoder alone")
                    .hasSize(3);
            assertThat(stack.prefiller.calls()).isEmpty();
        }
    }
}
