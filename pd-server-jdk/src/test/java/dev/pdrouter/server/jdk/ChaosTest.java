package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.PdException;
import dev.pdrouter.Stage;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.event.PdEvent;
import dev.pdrouter.testkit.Engine;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Engines that fail in every way they can and clients that leave at any moment: each request has one end, no client takes
 * a part for the whole or waits in vain, and nothing is left behind.
 *
 * <p>The decoder is told of every handoff but those whose answer the router cannot have heard: the prefiller made it when its
 * client had left, or when its time was over, and the answer met a connection that was being dropped. Each of these the
 * router has told of.
 *
 * <p>{@code -Dchaos.requests=100000 -Dchaos.seed=7} makes it long, or a failed run again.
 */
class ChaosTest {

    private static final int REQUESTS = Integer.getInteger("chaos.requests", 400);
    private static final long SEED = Long.getLong("chaos.seed", System.nanoTime() & 0xffffff);
    private static final int CLIENTS = 32;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LEASE = Duration.ofSeconds(6);

    @TempDir
    Path folder;

    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final Map<String, Queue<PdEvent>> events = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> outcomes = new ConcurrentHashMap<>();

    @ParameterizedTest
    @ValueSource(strings = {"nixlv2", "sglang"})
    void everyRequestHasOneEnd(String connector) throws Exception {
        run(connector, 32); // what stays for good is there after this
        long descriptors = Leftovers.descriptors();
        Set<String> threads = Leftovers.threads(folder); // other tests of this process may have left theirs
        run(connector, REQUESTS);
        String what = "seed " + SEED + ", " + REQUESTS + " requests, " + connector;
        System.out.println("chaos: " + what + ": " + outcomes);
        events.forEach((id, told) -> judge(id, List.copyOf(told)).ifPresent(faults::add));
        assertThat(faults).as(what).isEmpty();
        Leftovers.await(() -> threads.containsAll(Leftovers.threads(folder)));
        assertThat(threads).as(what).containsAll(Leftovers.threads(folder));
        Leftovers.await(() -> Leftovers.descriptors() <= descriptors);
        assertThat(Leftovers.descriptors()).as(what).isLessThanOrEqualTo(descriptors);
    }

    private void run(String connector, int requests) throws Exception {
        events.clear();
        outcomes.clear();
        ChaosEngine engines = new ChaosEngine(SEED);
        try (Engine prefiller = Engine.start(engines.prefiller());
                Engine decoder = Engine.start(engines.decoder());
                Stack stack = Stack.of(prefiller, decoder, builder -> builder.kvConnector(KvConnector.named(connector))
                        .prefillTimeout(SOON)
                        .handoffLease(LEASE)
                        .decodeTimeout(SOON)
                        .streamIdleTimeout(SOON)
                        .requestBodyTimeout(SOON)
                        .listener(
                                event -> events.computeIfAbsent(event.requestId(), id -> new ConcurrentLinkedQueue<>())
                                        .add(event)))) {
            AtomicInteger next = new AtomicInteger();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(Thread.startVirtualThread(() -> ask(stack, next, requests)));
            }
            for (Thread client : clients) {
                client.join();
            }
            stack.awaitIdle();
            assertThat(Leftovers.threads(folder))
                    .as("threads of a router that runs")
                    .isNotEmpty();
            assertThat(prefiller.failures()).isEmpty();
            assertThat(decoder.failures()).isEmpty();
            if (connector.equals("nixlv2")) {
                assertThat(stack.router.drain(Duration.ofSeconds(60))).isTrue();
                List<Integer> held = engines.held();
                outcomes.put("handoffs held, unheard", new AtomicInteger(held.size()));
                assertThat(held).as("handoffs held, seed " + SEED).allSatisfy(number -> assertThat(
                                told(ChaosScript.of(SEED, number).id()))
                        .anyMatch(ChaosTest::wasUnheard));
            }
        }
    }

    /** That a prefiller was left, or its time was over, before its answer came. */
    private static boolean wasUnheard(PdEvent event) {
        return event instanceof PdEvent.Unheard
                || event instanceof PdEvent.Ended ended
                        && ended.failure()
                                .filter(why -> why.stage() == Stage.PREFILL
                                        && why.kind() == PdException.EngineFailed.Kind.TOO_LATE)
                                .isPresent();
    }

    private Queue<PdEvent> told(String id) {
        return events.getOrDefault(id, new ConcurrentLinkedQueue<>());
    }

    private void ask(Stack stack, AtomicInteger next, int requests) {
        for (int number = next.getAndIncrement(); number < requests; number = next.getAndIncrement()) {
            ChaosScript script = ChaosScript.of(SEED, number);
            try {
                String prefillers =
                        (script.deadCandidate() ? "127.0.0.1:" + deadPort() + "," : "") + stack.prefiller.address();
                Optional<ChaosClient.Seen> seen = new ChaosClient(stack.server.port(), prefillers, script).ask();
                seen.flatMap(what -> ChaosClient.fault(script, what))
                        .filter(fault -> !wasLate(script))
                        .ifPresent(fault -> faults.add(fault + ": " + script + events.get(script.id())));
                outcomes.computeIfAbsent(name(seen), key -> new AtomicInteger()).incrementAndGet();
            } catch (Exception | AssertionError e) {
                faults.add(e + ": " + script);
            }
        }
    }

    /** Whether the machine was so busy that an engine without a fault missed a deadline, which the router then said. */
    private boolean wasLate(ChaosScript script) {
        return told(script.id()).stream()
                .anyMatch(event -> event instanceof PdEvent.StageEnded ended
                        && ended.failure()
                                .filter(why -> why.contains("in time"))
                                .isPresent());
    }

    private static String name(Optional<ChaosClient.Seen> seen) {
        return seen.map(what -> what instanceof ChaosClient.Seen.Whole whole ? String.valueOf(whole.status()) : "cut")
                .orElse("left");
    }

    /** A port where nobody listens; for a moment somebody may. */
    private static int deadPort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What is wrong with the events of a request. */
    private static Optional<String> judge(String id, List<PdEvent> told) {
        long ends = told.stream().filter(PdEvent.Ended.class::isInstance).count();
        long begins = told.stream().filter(PdEvent.Received.class::isInstance).count();
        long started =
                told.stream().filter(PdEvent.StageStarted.class::isInstance).count();
        long ended = told.stream().filter(PdEvent.StageEnded.class::isInstance).count();
        List<PdEvent> meanwhile = told.stream()
                .filter(event -> !(event instanceof PdEvent.Released))
                .toList();
        boolean inOrder =
                meanwhile.getFirst() instanceof PdEvent.Received && meanwhile.getLast() instanceof PdEvent.Ended;
        return ends == 1 && begins == 1 && started == ended && inOrder
                ? Optional.empty()
                : Optional.of("not one beginning and one end of all: " + id + " " + told);
    }
}
