package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.Stage;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.testkit.KvRecord;
import dev.pdrouter.testkit.Pace;
import dev.pdrouter.testkit.VllmDecoder;
import dev.pdrouter.testkit.VllmPrefiller;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** Hundreds of clients that leave at any moment: no blocks are left of them that nobody knows of. */
class LeavingCrowdTest {

    private static final int CLIENTS = Integer.getInteger("pdrouter.crowd", 300);
    private static final int AT_ONCE = 12;
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Leaving leaving = new Leaving();

    @DisabledIfSystemProperty(
            named = Stack.TRANSPORT,
            matches = "http-client",
            disabledReason = "the JDK's client cannot close one direction of a connection")
    @Test
    void everyHandoffIsReadOrToldOf() throws Exception {
        try (VllmPrefiller prefiller = VllmPrefiller.builder()
                        .pace(Pace.every(Duration.ofMillis(5)))
                        .start();
                VllmDecoder decoder = VllmDecoder.builder()
                        .pace(Pace.every(Duration.ofMillis(2)))
                        .start();
                Stack stack = Stack.of(prefiller.engine(), decoder.engine(), builder -> builder.listener(leaving))) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < AT_ONCE; t++) {
                Random random = new Random(t);
                threads.add(Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < CLIENTS / AT_ONCE; i++) {
                        askAndLeave(stack, random);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(stack.router.drain(SOON)).isTrue();
            assertThat(prefiller.violations()).isEmpty();
            assertThat(decoder.violations()).isEmpty();
            assertThat(leaving.told(PdEvent.Ended.class)).hasSizeLessThanOrEqualTo(CLIENTS);
            assertThat(leaving.told(PdEvent.Received.class)).hasSameSizeAs(leaving.told(PdEvent.Ended.class));
            assertThat(leaving.told(PdEvent.Released.class))
                    .allSatisfy(released -> assertThat(released.failure()).isEmpty());
            assertThat(unread(prefiller, decoder)).isSubsetOf(unheard());
            assertThat(leaving.told(PdEvent.StageStarted.class))
                    .extracting(PdEvent.StageStarted::stage)
                    .contains(Stage.PREFILL, Stage.DECODE);
        }
    }

    /** The requests whose blocks the decoder was never told of: one that was told frees them, also when it is left. */
    private static Set<String> unread(VllmPrefiller prefiller, VllmDecoder decoder) {
        Set<String> told = decoder.engine().calls().stream()
                .flatMap(call -> call.header("x-request-id").stream())
                .collect(Collectors.toSet());
        return prefiller.handoffs().stream()
                .map(KvRecord::requestId)
                .filter(id -> !told.contains(id))
                .collect(Collectors.toSet());
    }

    /** On a machine that is very busy the prefiller may answer later than it is waited for. */
    private Set<String> unheard() {
        return leaving.told(PdEvent.Unheard.class).stream()
                .map(PdEvent::requestId)
                .collect(Collectors.toSet());
    }

    /** How long a client stays is what this is about, so the time passes without an event to wait for. */
    private static void askAndLeave(Stack stack, Random random) {
        try (RawClient client = stack.client()) {
            client.send(stack.post(
                    "/v1/chat/completions",
                    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + random.nextInt()
                            + "\"}],\"max_tokens\":5,\"stream\":true}"));
            if (random.nextInt(3) == 0) {
                client.head();
            }
            LockSupport.parkNanos(random.nextInt(20_000_000));
            if (random.nextBoolean()) {
                client.reset();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
