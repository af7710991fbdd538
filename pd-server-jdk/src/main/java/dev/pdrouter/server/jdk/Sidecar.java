package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpsConfigurator;
import dev.pdrouter.Arrivals;
import dev.pdrouter.PdRouter;
import dev.pdrouter.Rank;
import dev.pdrouter.Target;
import dev.pdrouter.TargetPolicy;
import dev.pdrouter.connector.KvConnector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running sidecar: a server before a router before transports. */
final class Sidecar {

    private static final Logger LOG = LoggerFactory.getLogger(Sidecar.class);

    /** Longer than a client whose request was refused may go on sending. */
    private static final Duration LAST_WRITES = Duration.ofSeconds(3);

    private static final Duration HEAP_LOOKS = Duration.ofSeconds(5);

    private final List<JdkServer> servers;
    private final Optional<Probes> probes;
    private final AtomicBoolean serving;
    private final PdRouter router;
    private final Engines engines;
    private final Duration drainTimeout;
    private final String announcement;
    private final SpareHeap heap;

    private Sidecar(
            List<JdkServer> servers,
            Optional<Probes> probes,
            AtomicBoolean serving,
            PdRouter router,
            Engines engines,
            Duration drainTimeout,
            String announcement) {
        this.servers = servers;
        this.probes = probes;
        this.serving = serving;
        this.router = router;
        this.engines = engines;
        this.drainTimeout = drainTimeout;
        this.announcement = announcement;
        this.heap = SpareHeap.watch(HEAP_LOOKS, () -> router.inFlight() == 0);
    }

    /**
     * Starts to listen.
     *
     * @param settings all settings
     * @param environment for our own names
     * @return the sidecar, which answers already
     * @throws BadSetting when a setting cannot be: a port in use, a file that cannot be read
     * @throws GeneralSecurityException when the JDK's TLS cannot be set up
     */
    static Sidecar start(Settings settings, Map<String, String> environment)
            throws BadSetting, GeneralSecurityException {
        InetSocketAddress address = address(settings, settings.get(Options.PORT));
        HttpsConfigurator tls = settings.get(Options.SECURE_PROXY) ? ServerTls.of(settings, environment) : null;
        OwnAddress own = OwnAddress.of(environment, address.getAddress(), address.getPort());
        List<Rank> ranks = Ranks.of(settings, own);
        EventLoop loop = canLoop(settings) ? EventLoop.open().orElse(null) : null;
        Engines engines = Engines.of(settings, loop == null ? Arrivals.NONE : loop);
        KvConnector connector = ChosenConnector.of(settings, HostAddress::find);
        Optional<Metrics> metrics =
                settings.get(Options.METRICS_PORT) == 0 ? Optional.empty() : Optional.of(new Metrics(Main.version()));
        PdRouter router = router(settings, ranks, connector, engines, metrics);
        metrics.ifPresent(some -> some.inFlight(router::inFlight));
        AtomicBoolean serving = new AtomicBoolean();
        Optional<Probes> probes = probes(settings, () -> serving.get() && !router.isDraining(), metrics);
        List<JdkServer> servers =
                listen(router, ranks.size(), address, tls, settings.get(Options.REQUEST_BODY_TIMEOUT), loop);
        own.first().set(servers.getFirst().port());
        String line = "listening on " + new Target(shown(address), own.first().get()) + ", decoder "
                + ranks.getFirst().decoder() + ", connector " + connector.name()
                + (ranks.size() == 1 ? "" : ", " + ranks.size() + " ranks on consecutive ports")
                + settings.find(Options.EC_CONNECTOR)
                        .map(encoders -> ", EC connector " + encoders.name())
                        .orElse("")
                + probes.map(some -> ", probes on port " + some.port()).orElse("");
        Duration drainTimeout = settings.get(Options.DRAIN_TIMEOUT);
        return new Sidecar(servers, probes, serving, router, engines, drainTimeout, line);
    }

    /** Tells whoever waits for it that it is up; not before it can be stopped too. */
    void announce() {
        serving.set(true);
        LOG.info(announcement);
    }

    /**
     * Stops: it is not ready any more, and newcomers are answered 503 until the running requests have ended or their time
     * is up.
     *
     * @throws InterruptedException when the thread was interrupted
     */
    void stop() throws InterruptedException {
        serving.set(false);
        int running = router.inFlight();
        LOG.info(
                "stopping{}",
                running == 0 ? "" : ", requests in flight: " + running + ", waiting " + shown(drainTimeout));
        if (!router.drain(drainTimeout)) {
            LOG.warn(
                    "requests, or releases of handoffs, were still running after {}, and were cut",
                    shown(drainTimeout));
        }
        for (JdkServer server : servers) {
            server.awaitWritten(LAST_WRITES);
        }
        servers.forEach(JdkServer::close);
        router.close();
        engines.close();
        probes.ifPresent(Probes::close);
        heap.close();
        LOG.info("stopped");
    }

    private static PdRouter router(
            Settings settings, List<Rank> ranks, KvConnector connector, Engines engines, Optional<Metrics> metrics) {
        PdRouter.Builder builder = PdRouter.builder()
                .ranks(ranks)
                .kvConnector(connector)
                .targets(settings.find(Options.ALLOW_TARGETS).orElse(TargetPolicy.any()))
                .prefillers(settings.get(Options.PREFILLER))
                .maxRequestBytes(limit(settings.get(Options.MAX_REQUEST_BYTES)))
                .maxPrefillResponseBytes(limit(settings.get(Options.MAX_PREFILL_RESPONSE_BYTES)))
                .prefillerSampling(settings.get(Options.ENABLE_PREFILLER_SAMPLING))
                .onPrefillFailure(settings.get(Options.ON_PREFILL_FAILURE))
                .prefillMaxRetries(settings.get(Options.PREFILL_MAX_RETRIES))
                .prefillRetryBackoff(settings.get(Options.PREFILL_RETRY_BACKOFF))
                .requireHandoff(settings.get(Options.REQUIRE_HANDOFF))
                .maxInFlight(settings.get(Options.MAX_IN_FLIGHT))
                .requestBodyTimeout(settings.get(Options.REQUEST_BODY_TIMEOUT))
                .prefillTimeout(settings.get(Options.PREFILL_TIMEOUT))
                .decodeTimeout(settings.get(Options.DECODE_TIMEOUT))
                .streamIdleTimeout(settings.get(Options.STREAM_IDLE_TIMEOUT));
        settings.find(Options.EC_CONNECTOR).ifPresent(builder::ecConnector);
        settings.find(Options.MAX_BUFFERED_BYTES).ifPresent(bytes -> builder.maxBufferedBytes(limit(bytes)));
        engines.giveTo(builder);
        metrics.ifPresent(some -> builder.listenerOfEach(some::ofRequest));
        if (settings.get(Options.ACCESS_LOG)) {
            AccessLog.open();
            builder.listenerOfEach(AccessLog::new);
        }
        return builder.build();
    }

    /** The router takes 0 for a size; whoever sets an option to it wants no limit. */
    private static long limit(long bytes) {
        return bytes == 0 ? Long.MAX_VALUE : bytes;
    }

    /** A loop has one server, and TLS would keep it busy. */
    private static boolean canLoop(Settings settings) {
        return !settings.get(Options.SECURE_PROXY)
                && settings.get(Options.ENABLE_TLS).isEmpty()
                && settings.get(Options.DATA_PARALLEL_SIZE) == 1;
    }

    /** One server before each rank; all or none. */
    private static List<JdkServer> listen(
            PdRouter router,
            int ranks,
            InetSocketAddress first,
            @Nullable HttpsConfigurator tls,
            Duration patience,
            @Nullable EventLoop loop)
            throws BadSetting {
        List<JdkServer> servers = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            InetSocketAddress address = new InetSocketAddress(first.getAddress(), first.getPort() + rank);
            try {
                servers.add(JdkServer.start(router, rank, address, tls, patience, loop));
            } catch (IOException e) {
                servers.forEach(JdkServer::close);
                throw cannotListen(Options.PORT, address, e);
            }
        }
        return List.copyOf(servers);
    }

    private static Optional<Probes> probes(Settings settings, BooleanSupplier ready, Optional<Metrics> metrics)
            throws BadSetting {
        if (metrics.isEmpty()) {
            return Optional.empty();
        }
        int port = settings.get(Options.METRICS_PORT);
        int ours = port - settings.get(Options.PORT);
        if (ours >= 0 && ours < settings.get(Options.DATA_PARALLEL_SIZE)) {
            throw BadSetting.of("-metrics-port=" + port, "expected another port than that of -port");
        }
        InetSocketAddress address = address(settings, port);
        try {
            return Optional.of(Probes.start(address, ready, metrics.get()));
        } catch (IOException e) {
            throw cannotListen(Options.METRICS_PORT, address, e);
        }
    }

    private static BadSetting cannotListen(Option<Integer> port, InetSocketAddress address, IOException e) {
        String reason = BadSetting.shown(String.valueOf(e.getMessage()));
        return BadSetting.of(
                "-" + port.name() + "=" + address.getPort() + bound(address), "cannot listen there: " + reason);
    }

    private static InetSocketAddress address(Settings settings, int port) throws BadSetting {
        Optional<String> host = settings.find(Options.BIND);
        if (host.isEmpty()) {
            return new InetSocketAddress(port);
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(host.get()), port);
        } catch (UnknownHostException e) {
            throw BadSetting.of("-bind=" + host.get(), "expected an address of this machine");
        }
    }

    private static String bound(InetSocketAddress address) {
        return address.getAddress().isAnyLocalAddress() ? "" : " -bind=" + shown(address);
    }

    private static String shown(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    private static String shown(InetSocketAddress address) {
        return address.getAddress().getHostAddress();
    }
}
