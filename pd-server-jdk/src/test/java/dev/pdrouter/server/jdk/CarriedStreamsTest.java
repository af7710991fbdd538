package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.pdrouter.testkit.AnswerPieces;
import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Token streams, whose pieces one thread carries for all of them while they trickle. */
class CarriedStreamsTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String STREAM = "{\"prompt\":\"a\",\"stream\":true}";

    /** Sends an event for each permit. */
    private static EngineHandler paced(Semaphore permits, int events) {
        return call -> {
            AnswerPieces pieces = call.beginEvents();
            for (int i = 0; i < events; i++) {
                permits.acquire();
                pieces.send(event(i));
            }
            pieces.end();
        };
    }

    private static byte[] event(int number) {
        return ("data: {\"token\":" + number + "}\n\n").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void eachEventReachesTheClientBeforeTheNextIsThere() throws Exception {
        Semaphore permits = new Semaphore(0);
        try (Stack stack = Stack.of(Stack.HANDS_OVER, paced(permits, 50));
                RawClient client = stack.client().send(stack.post("/v1/completions", STREAM))) {
            client.head();
            for (int i = 0; i < 50; i++) {
                permits.release();
                assertThat(client.chunk()).isEqualTo(event(i));
            }
            assertThat(client.chunk()).isEmpty();
            if (!Stack.isOverHttpClient()) {
                assertThat(Thread.getAllStackTraces().keySet())
                        .extracting(Thread::getName)
                        .contains("pd-streams");
            }
        }
    }

    @Test
    void theConnectionServesOneStreamAfterTheOther() throws Exception {
        Semaphore permits = new Semaphore(Integer.MAX_VALUE / 2);
        try (Stack stack = Stack.of(Stack.HANDS_OVER, paced(permits, 5));
                RawClient client = stack.client()) {
            for (int request = 0; request < 20; request++) {
                client.send(stack.post("/v1/completions", STREAM)).head();
                int bytes = 0;
                for (byte[] chunk = client.chunk(); chunk.length > 0; chunk = client.chunk()) {
                    bytes += chunk.length;
                }
                assertThat(bytes).isEqualTo(5 * event(0).length);
                assertThat(stack.decode(request).connection()).isZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"with the head", "behind the head", "behind the first event"})
    void whatCameBeforeAMistakeInTheChunksReachesTheClient(String when) throws Exception {
        assumeFalse(Stack.isOverHttpClient(), "which drops what came in the same read");
        String head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        String event = "9\r\ndata: x\n\n\r\n";
        String first = Map.of("with the head", "", "behind the head", head, "behind the first event", head + event)
                .get(when);
        Semaphore seen = new Semaphore(first.isEmpty() ? 1 : 0);
        AtomicBoolean left = new AtomicBoolean();
        EngineHandler mistaken = call -> {
            call.raw(first);
            seen.acquire();
            call.raw((first.isEmpty() ? head : "") + event + "zz\r\n");
            left.set(call.goneWithin(SOON));
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, mistaken);
                RawClient client = stack.client().send(stack.post("/v1/completions", STREAM))) {
            assertThat(client.head().status()).isEqualTo(200);
            if (first.endsWith(event)) {
                assertThat(client.chunk()).asString().isEqualTo("data: x\n\n");
            }
            seen.release();
            assertThat(client.chunk()).asString().isEqualTo("data: x\n\n");
            assertThat(client.isAtEnd()).isTrue();
            stack.decode(0).awaitOver(SOON);
            assertThat(left).isTrue();
        }
    }

    @Test
    void aStreamThatIsCutIntoPiecesAnywhereArrivesByteForByte() throws Exception {
        Random random = new Random(7);
        byte[] coded = coded(random, 300);
        EngineHandler pieces = call -> {
            call.raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int from = 0; from < coded.length; ) {
                int to = Math.min(coded.length, from + 1 + random.nextInt(20));
                call.raw(java.util.Arrays.copyOfRange(coded, from, to));
                from = to;
                if (random.nextInt(8) == 0) {
                    Thread.yield();
                }
            }
        };
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            expected.append(new String(event(i), StandardCharsets.UTF_8));
        }
        try (Stack stack = Stack.of(Stack.HANDS_OVER, pieces);
                RawClient client = stack.client()) {
            assertThat(client.ask(stack.post("/v1/completions", STREAM)).text()).isEqualTo(expected.toString());
        }
    }

    private static byte[] coded(Random random, int events) {
        StringBuilder coded = new StringBuilder();
        for (int i = 0; i < events; i++) {
            String event = new String(event(i), StandardCharsets.UTF_8);
            int cut = 1 + random.nextInt(event.length() - 1);
            for (String chunk : List.of(event.substring(0, cut), event.substring(cut))) {
                coded.append(Integer.toHexString(chunk.length()))
                        .append(random.nextBoolean() ? "\r\n" : ";x=y\r\n")
                        .append(chunk)
                        .append("\r\n");
            }
        }
        return coded.append("0\r\nX-Trailer: t\r\n\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aClientThatDoesNotReadSlowsItsOwnEngineAndNoOther() throws Exception {
        AtomicLong flooded = new AtomicLong();
        Semaphore permits = new Semaphore(0);
        EngineHandler engine = call -> {
            if (call.text().contains("flood")) {
                AnswerPieces pieces = call.beginEvents();
                byte[] piece = ("data: " + "x".repeat(1000) + "\n\n").getBytes(StandardCharsets.UTF_8);
                while (flooded.addAndGet(piece.length) < 256L << 20) {
                    pieces.send(piece);
                }
            } else {
                paced(permits, 20).handle(call);
            }
        };
        try (Stack stack = Stack.of(Stack.HANDS_OVER, engine);
                RawClient deaf = stack.client().send(stack.post("/v1/completions", "{\"prompt\":\"flood\"}"));
                RawClient client = stack.client()) {
            deaf.head();
            long before = -1;
            while (before != flooded.get()) {
                before = flooded.get();
                stack.decode(0).goneWithin(Duration.ofMillis(300));
            }
            assertThat(flooded.get()).isLessThan(64L << 20);
            client.send(stack.post("/v1/completions", STREAM)).head();
            for (int i = 0; i < 20; i++) {
                permits.release();
                assertThat(client.chunk()).isEqualTo(event(i));
            }
        }
    }

    @Test
    void aClientThatLeavesEndsItsStreamAtTheEngine() throws Exception {
        Semaphore permits = new Semaphore(0);
        try (Stack stack = Stack.of(Stack.HANDS_OVER, paced(permits, 50))) {
            try (RawClient client = stack.client().send(stack.post("/v1/completions", STREAM))) {
                client.head();
                for (int i = 0; i < 5; i++) {
                    permits.release();
                    client.chunk();
                }
            }
            stack.decode(0).awaitGone(SOON);
            stack.awaitIdle();
        }
    }

    @Test
    void anEngineThatBreaksOffCutsTheStream() throws Exception {
        for (boolean reset : new boolean[] {false, true}) {
            CountDownLatch read = new CountDownLatch(1);
            EngineHandler engine = call -> {
                AnswerPieces pieces = call.beginEvents();
                for (int i = 0; i < 5; i++) {
                    pieces.send(event(i));
                }
                await(read);
                if (reset) {
                    call.reset();
                } else {
                    call.close();
                }
            };
            try (Stack stack = Stack.of(Stack.HANDS_OVER, engine);
                    RawClient client = stack.client().send(stack.post("/v1/completions", STREAM))) {
                client.head();
                client.chunk();
                read.countDown();
                assertThatThrownBy(() -> {
                            while (client.chunk().length > 0) {}
                        })
                        .isInstanceOfAny(IOException.class, NumberFormatException.class);
            }
        }
    }

    @Test
    void silenceCutsTheStreamAndDropsTheEngine() throws Exception {
        Semaphore permits = new Semaphore(3);
        try (Stack stack = Stack.of(
                        Stack.HANDS_OVER,
                        paced(permits, 50),
                        builder -> builder.streamIdleTimeout(Duration.ofMillis(200)));
                RawClient client = stack.client().send(stack.post("/v1/completions", STREAM))) {
            client.head();
            assertThatThrownBy(() -> {
                        while (client.chunk().length > 0) {}
                    })
                    .isInstanceOfAny(IOException.class, NumberFormatException.class);
            stack.decode(0).awaitGone(SOON);
            stack.awaitIdle();
        }
    }

    @Test
    void manyStreamsAtOnceArriveWhole() throws Exception {
        Semaphore permits = new Semaphore(Integer.MAX_VALUE / 2);
        Engine decoder = Engine.start(paced(permits, 100));
        try (Stack stack = Stack.of(Engine.start(Stack.HANDS_OVER), decoder, builder -> builder)) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                clients.add(stack.client().send(stack.post("/v1/completions", STREAM)));
            }
            for (RawClient client : clients) {
                client.head();
                int bytes = 0;
                for (byte[] chunk = client.chunk(); chunk.length > 0; chunk = client.chunk()) {
                    bytes += chunk.length;
                }
                assertThat(bytes).isEqualTo(10 * event(0).length + 90 * event(10).length);
                client.close();
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
