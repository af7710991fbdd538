package dev.pdrouter.server.jdk;

import dev.pdrouter.Arrivals;
import dev.pdrouter.PdRouter;
import dev.pdrouter.SocketTransport;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.TargetPolicy;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.Engine;
import dev.pdrouter.testkit.EngineCall;
import dev.pdrouter.testkit.EngineHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A prefiller and a decoder that do as a test says, and the server between them.
 *
 * <p>Engines are reached over sockets, as the launcher does, unless the system property {@code pd.test.transport} is
 * {@code http-client}: then as a router does that is given no transport.
 */
final class Stack implements AutoCloseable {

    static final String TRANSPORT = "pd.test.transport";

    static final String HANDOFF =
            "{\"do_remote_prefill\":true,\"do_remote_decode\":false,\"remote_block_ids\":[[1,2]],\"remote_engine_id\":"
                    + "\"e\",\"remote_request_id\":\"r\",\"remote_host\":\"127.0.0.1\",\"remote_port\":5600,\"tp_size\":1}";

    static final EngineHandler HANDS_OVER =
            call -> call.answer(200, "application/json", "{\"id\":\"p\",\"kv_transfer_params\":" + HANDOFF + "}");

    static final EngineHandler ANSWERS = call -> call.answer(200, "application/json", "{\"id\":\"d\"}");

    final Engine prefiller;
    final Engine decoder;
    final PdRouter router;
    final JdkServer server;
    final @Nullable EventLoop loop;

    private final SocketTransport sockets;
    private final SocketTransport streams;

    private Stack(
            Engine prefiller,
            Engine decoder,
            PdRouter router,
            SocketTransport sockets,
            SocketTransport streams,
            @Nullable EventLoop loop)
            throws IOException {
        this.sockets = sockets;
        this.streams = streams;
        this.prefiller = prefiller;
        this.decoder = decoder;
        this.router = router;
        this.loop = loop;
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        this.server = JdkServer.start(router, 0, anyPort, null, Duration.ofSeconds(60), loop);
    }

    static Stack of(EngineHandler prefiller, EngineHandler decoder) throws IOException {
        return of(prefiller, decoder, builder -> builder);
    }

    static Stack of(EngineHandler prefiller, EngineHandler decoder, UnaryOperator<PdRouter.Builder> settings)
            throws IOException {
        return of(Engine.start(prefiller), Engine.start(decoder), settings);
    }

    static Stack of(Engine prefiller, Engine decoder, UnaryOperator<PdRouter.Builder> settings) throws IOException {
        EventLoop loop = EventLoop.open().orElse(null);
        Arrivals arrivals = loop == null ? Arrivals.NONE : loop;
        SocketTransport sockets = SocketTransport.builder().arrivals(arrivals).build();
        SocketTransport streams =
                SocketTransport.builder().arrivals(arrivals).carryingStreams().build();
        PdRouter.Builder builder = PdRouter.builder()
                .decoder(Target.parse(decoder.address()))
                .kvConnector(KvConnector.named("nixlv2"))
                .targets(TargetPolicy.any());
        if (!isOverHttpClient()) {
            builder.transport(sockets).transport(Stage.DECODE, streams);
        }
        return new Stack(prefiller, decoder, settings.apply(builder).build(), sockets, streams, loop);
    }

    /** How a request-target that was sent arrives; the JDK's client knows neither absolute-form nor empty queries. */
    static String arrived(String target) {
        return isOverHttpClient() ? target.replaceFirst("^http://[^/]*", "").replaceFirst("\\?$", "") : target;
    }

    static boolean isOverHttpClient() {
        return System.getProperty(TRANSPORT, "").equals("http-client");
    }

    /** A client's connection to the server. */
    RawClient client() throws IOException {
        return new RawClient(server.port());
    }

    /** A request that names the prefiller. */
    String post(String path, String body) {
        return RawClient.post(path, body, "x-prefiller-host-port: " + prefiller.address());
    }

    EngineCall prefill(int index) throws InterruptedException {
        return prefiller.awaitCall(index);
    }

    EngineCall decode(int index) throws InterruptedException {
        return decoder.awaitCall(index);
    }

    /** Waits until the router has nothing left to do. */
    void awaitIdle() throws InterruptedException {
        long end = System.nanoTime() + 5_000_000_000L;
        while (router.inFlight() > 0) {
            if (System.nanoTime() > end) {
                throw new AssertionError(router.inFlight() + " requests are still in flight");
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        server.close();
        router.close();
        sockets.close();
        streams.close();
        prefiller.close();
        decoder.close();
    }
}
