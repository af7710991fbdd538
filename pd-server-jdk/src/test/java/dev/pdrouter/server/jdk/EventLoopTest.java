package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pdrouter.Arrivals;
import dev.pdrouter.testkit.EngineCall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The loop that runs the requests of a server on its one thread. */
class EventLoopTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String SMALL = "{\"prompt\":\"a\"}";

    @BeforeEach
    void needsALoop() {
        assumeTrue(EventLoop.isPossible());
    }

    private static EventLoop loopOf(Stack stack) {
        return Objects.requireNonNull(stack.loop);
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @FunctionalInterface
    private interface Body {
        void run() throws Exception;
    }

    /** Keeps the loop's thread busy meanwhile. */
    private static void duringALongStep(Stack stack, Body body) throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean over = new AtomicBoolean();
        Thread thread = loopOf(stack).threads().start(() -> {
            begun.countDown();
            while (!over.get()) {
                Thread.onSpinWait();
            }
        });
        try {
            await(begun);
            body.run();
        } finally {
            over.set(true);
            thread.join();
        }
    }

    @Test
    void requestsRunOnTheServersOwnThread() throws Exception {
        Set<Boolean> carried = ConcurrentHashMap.newKeySet();
        try (Stack stack = Stack.of(
                        Stack.HANDS_OVER,
                        Stack.ANSWERS,
                        builder -> builder.listener(event ->
                                carried.add(Thread.currentThread().toString().contains("@HTTP-Dispatcher"))));
                RawClient client = stack.client()) {
            assertThat(client.ask(stack.post("/v1/completions", SMALL)).status())
                    .isEqualTo(200);
            stack.awaitIdle();
            assertThat(carried).containsExactly(true);
        }
    }

    @Test
    void whatComesTakesOneRoundAndRingsNobody() throws Exception {
        int times = 200;
        Pipe pipe = Pipe.open();
        try (EventLoop loop = EventLoop.open().orElseThrow()) {
            Semaphore told = new Semaphore(0);
            EventLoop.Watcher watcher = new EventLoop.Watcher() {
                @Override
                public void ready(int events) {
                    try {
                        pipe.source().read(ByteBuffer.allocate(1));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    loop.execute(told::release);
                }

                @Override
                public void ended() {}
            };
            loop.register(JdkInternals.descriptor(pipe.source()), watcher, LoopSet.EACH_TIME);
            AtomicBoolean over = new AtomicBoolean();
            Thread driver = Thread.ofPlatform().start(() -> {
                while (!over.get()) {
                    loop.drive(1000, over::get);
                }
            });
            try {
                for (int i = 0; i < times; i++) {
                    pipe.sink().write(ByteBuffer.wrap(new byte[1]));
                    assertThat(told.tryAcquire(SOON.toSeconds(), TimeUnit.SECONDS))
                            .isTrue();
                }
                assertThat(loop.rounds()).isLessThan(times * 3 / 2);
            } finally {
                over.set(true);
                loop.ring();
                driver.join();
            }
        } finally {
            pipe.sink().close();
            pipe.source().close();
        }
    }

    @Test
    void largeRequestsRunAsideAndTheirClientsAreHeardWhenTheyLeave() throws Exception {
        String large = "{\"prompt\":\"" + "a".repeat(1_400_000) + "\"}";
        Set<String> names = ConcurrentHashMap.newKeySet();
        CountDownLatch over = new CountDownLatch(1);
        try (Stack stack = Stack.of(
                Stack.HANDS_OVER,
                call -> {
                    if (call.connection() == 0 && over.getCount() > 0) {
                        over.await();
                    }
                    Stack.ANSWERS.handle(call);
                },
                builder -> builder.listener(
                        event -> names.add(Thread.currentThread().getName())))) {
            RawClient leaving = stack.client().send(stack.post("/v1/completions", large));
            stack.decode(0);
            leaving.close();
            stack.decode(0).awaitGone(SOON);
            over.countDown();
            try (RawClient client = stack.client()) {
                assertThat(client.ask(stack.post("/v1/completions", large)).status())
                        .isEqualTo(200);
            }
            stack.awaitIdle();
            assertThat(names).contains("pd-router-aside");
        }
    }

    @Test
    void aStepThatTakesLongKeepsNobodyElseWaiting() throws Exception {
        CountDownLatch computed = new CountDownLatch(1);
        try (Stack stack = Stack.of(Stack.HANDS_OVER, call -> {
                    computed.await();
                    Stack.ANSWERS.handle(call);
                });
                RawClient client = stack.client().send(stack.post("/v1/completions", SMALL))) {
            EngineCall decode = stack.decode(0);
            duringALongStep(stack, () -> {
                CountDownLatch ran = new CountDownLatch(1);
                loopOf(stack).threads().start(ran::countDown);
                await(ran);
                computed.countDown();
                assertThat(client.answer().status()).isEqualTo(200);
            });
            assertThat(decode.gone()).isEmpty();
        }
    }

    @Test
    void requestsThatRunWhenTheServerClosesLetGoOfTheirEngines() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, call -> call.awaitGone(SOON));
                RawClient client = stack.client().send(stack.post("/v1/completions", SMALL))) {
            EngineCall decode = stack.decode(0);
            stack.server.close();
            decode.awaitGone(SOON);
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    /** A connection that a loop watches, and its other side. */
    private static final class Watched implements AutoCloseable {
        final Socket near;
        final Socket far;
        final Arrivals.Arrival arrival;

        Watched(EventLoop loop, boolean channel) throws IOException {
            try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                InetSocketAddress address = (InetSocketAddress) listener.getLocalSocketAddress();
                near = channel ? SocketChannel.open().socket() : new Socket(Proxy.NO_PROXY);
                near.connect(address);
                far = listener.accept();
            }
            arrival = loop.watch(near).orElseThrow();
        }

        /** Waits on a thread of its own; done when it came to an end. */
        Thread waits() throws InterruptedException {
            Thread thread = Thread.ofVirtual().start(arrival::await);
            while (thread.getState() != Thread.State.WAITING) {
                assertThat(thread.isAlive()).isTrue();
                Thread.onSpinWait();
            }
            return thread;
        }

        static void ends(Thread thread) throws InterruptedException {
            assertThat(thread.join(SOON)).isTrue();
        }

        @Override
        public void close() throws IOException {
            arrival.close();
            near.close();
            far.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bytesEndAWaitAndAreForgotten(boolean channel) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                Watched watched = new Watched(loopOf(stack), channel)) {
            for (int i = 0; i < 3; i++) {
                Thread waiting = watched.waits();
                watched.far.getOutputStream().write(i);
                Watched.ends(waiting);
                Watched.ends(Thread.ofVirtual().start(watched.arrival::await));
                assertThat(watched.near.getInputStream().read()).isEqualTo(i);
                watched.arrival.forget();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theEndOfAConnectionIsNotForgotten(boolean channel) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                Watched watched = new Watched(loopOf(stack), channel)) {
            Thread waiting = watched.waits();
            watched.far.close();
            Watched.ends(waiting);
            watched.arrival.forget();
            Watched.ends(Thread.ofVirtual().start(watched.arrival::await));
        }
    }

    @Test
    void anInterruptOrClosingEndsAWait() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                Watched watched = new Watched(loopOf(stack), true)) {
            Thread interrupted = watched.waits();
            interrupted.interrupt();
            Watched.ends(interrupted);
            Thread closed = watched.waits();
            watched.arrival.close();
            Watched.ends(closed);
        }
    }

    @Test
    void aClientThatConnectsDuringALongStepIsServedAfterIt() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            List<RawClient> clients = new ArrayList<>();
            duringALongStep(stack, () -> {
                clients.add(stack.client().send(stack.post("/v1/completions", SMALL)));
                CountDownLatch ran = new CountDownLatch(1000);
                for (int i = 0; i < 1000; i++) {
                    loopOf(stack).threads().start(ran::countDown);
                }
                await(ran);
            });
            try (RawClient client = clients.getFirst()) {
                assertThat(client.answer().status()).isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStepThatThrowsEndsNothing(boolean whileAnotherIsLong) throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                RawClient client = stack.client()) {
            CountDownLatch thrown = new CountDownLatch(1);
            Body step = () -> {
                loopOf(stack).execute(() -> {
                    thrown.countDown();
                    throw new OutOfMemoryError("on purpose");
                });
                await(thrown);
            };
            if (whileAnotherIsLong) {
                duringALongStep(stack, step);
            } else {
                step.run();
            }
            assertThat(client.ask(stack.post("/v1/completions", SMALL)).status())
                    .isEqualTo(200);
        }
    }

    private static void awaitReliefEnd() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("pd-router-loop-relief")) {
                thread.join(SOON);
            }
        }
    }

    @Test
    void aLoopThatHasEndedEndsEveryWaitAndWatchesNothing() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                Watched watched = new Watched(loopOf(stack), true)) {
            Thread waiting = watched.waits();
            stack.server.close();
            Watched.ends(waiting);
            assertThat(loopOf(stack).watch(watched.near)).isEmpty();
        }
    }

    @Test
    void aServerThatIsClosedTwiceClosesNoDescriptorOfOthers() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            stack.server.close();
            awaitReliefEnd();
            try (Stack next = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                    RawClient client = next.client()) {
                stack.server.close();
                assertThat(client.ask(next.post("/v1/completions", SMALL)).status())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void aConnectionThatIsClosedCannotBeWatched() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                Watched watched = new Watched(loopOf(stack), true)) {
            watched.near.close();
            assertThat(loopOf(stack).watch(watched.near)).isEmpty();
        }
    }

    @Test
    void manyThreadsThatChangeWhatIsWatchedKeepOneAnotherGoing() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS)) {
            EventLoop loop = loopOf(stack);
            List<Watched> all = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                Watched watched = new Watched(loop, true);
                all.add(watched);
                Runnable changes = () -> {
                    for (int round = 0; round < 1000; round++) {
                        watched.arrival.pause();
                        watched.arrival.forget();
                        loop.ring();
                    }
                };
                threads.add((i % 4 == 0 ? Thread.ofPlatform() : i % 4 == 1 ? Thread.ofVirtual() : loop.threads())
                        .start(changes));
            }
            for (Thread thread : threads) {
                Watched.ends(thread);
            }
            for (Watched watched : all) {
                watched.close();
            }
        }
    }

    @Test
    void aPausedWaitIsToldNothingUntilItIsForgotten() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                Watched watched = new Watched(loopOf(stack), true)) {
            watched.arrival.pause();
            watched.far.getOutputStream().write(1);
            assertThat(watched.near.getInputStream().read()).isEqualTo(1);
            watched.arrival.forget();
            Thread waiting = watched.waits();
            watched.far.close();
            Watched.ends(waiting);
        }
    }

    @Test
    void aRequestAsideLetsGoOfItsEnginesWhenTheServerCloses() throws Exception {
        String large = "{\"prompt\":\"" + "a".repeat(1_400_000) + "\"}";
        try (Stack stack = Stack.of(Stack.HANDS_OVER, call -> call.awaitGone(SOON));
                RawClient client = stack.client().send(stack.post("/v1/completions", large))) {
            EngineCall decode = stack.decode(0);
            stack.server.close();
            decode.awaitGone(SOON);
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @Test
    void aServerWithoutALoopServesTheSame() throws Exception {
        try (Stack stack = Stack.of(Stack.HANDS_OVER, Stack.ANSWERS);
                JdkServer server = JdkServer.start(
                        stack.router, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null);
                RawClient client = new RawClient(server.port())) {
            assertThat(client.ask(stack.post("/v1/completions", SMALL)).status())
                    .isEqualTo(200);
        }
    }
}
