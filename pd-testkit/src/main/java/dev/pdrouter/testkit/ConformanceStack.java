package dev.pdrouter.testkit;

import dev.pdrouter.PdRouter;
import dev.pdrouter.SocketTransport;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.TargetPolicy;
import dev.pdrouter.connector.KvConnector;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Two engines, a router between them in a server of its own, and its client. */
final class ConformanceStack implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /** One for all checks: to make one costs more than to ask something. */
    static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    final EnginePair engines;
    final KvConnector connector;
    private final PdRouter router;
    private final Engine server;
    private final SocketTransport transport = SocketTransport.builder().build();

    ConformanceStack(EnginePair engines, Function<EnginePair, KvConnector> connectors) throws IOException {
        this.engines = engines;
        connector = connectors.apply(engines);
        router = PdRouter.builder()
                .transport(Stage.PREFILL, transport)
                .transport(Stage.DECODE, transport)
                .decoder(Target.parse(engines.decoder().address()))
                .kvConnector(connector)
                .targets(TargetPolicy.any())
                .build();
        server = RouterServer.start(router);
    }

    HttpResponse<InputStream> post(ConformanceRequest request, boolean namesPrefiller)
            throws IOException, InterruptedException {
        return CLIENT.send(http(request, namesPrefiller), HttpResponse.BodyHandlers.ofInputStream());
    }

    /** Sends a request whose client can leave: by interrupting the thread. */
    Thread postAndWait(ConformanceRequest request) {
        return Thread.startVirtualThread(() -> {
            try {
                CLIENT.send(http(request, true), HttpResponse.BodyHandlers.ofByteArray());
            } catch (IOException e) {
                // The router was closed.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private HttpRequest http(ConformanceRequest request, boolean namesPrefiller) {
        HttpRequest.Builder http = HttpRequest.newBuilder(
                        server.uri(request.api().path()))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("X-Request-Id", "conformance-1")
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.bytes()));
        return (namesPrefiller
                        ? http.header(
                                "X-Prefiller-Host-Port", engines.prefiller().address())
                        : http)
                .build();
    }

    /** Waits until the router has nothing to do and the engines have nothing left of any request. */
    void awaitNothingLeft() throws InterruptedException {
        await(() -> router.inFlight() == 0, "the router still handles a request");
        await(() -> engines.prefiller().pending() == 0, "the prefiller still holds or awaits a KV cache");
        await(() -> engines.decoder().pending() == 0, "the decoder still awaits a KV cache");
    }

    private static void await(BooleanSupplier condition, String otherwise) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            Check.that(System.nanoTime() < end, otherwise);
            Thread.sleep(1);
        }
    }

    void checkNoViolations() {
        List<String> violations = engines.violations();
        Check.that(violations.isEmpty(), String.join("; ", violations));
    }

    /** What a leg's engine got, which is one request for tokens. */
    static EngineCall leg(ModelEngine engine, ConformanceRequest request) throws InterruptedException {
        EngineCall call = engine.engine().awaitCall(0, PATIENCE);
        Check.that(
                call.head().path().equals(request.api().path()),
                "the first call was to " + call.head().path());
        return call;
    }

    @Override
    public void close() {
        server.close();
        router.close();
        transport.close();
        engines.close();
    }
}
