package dev.pdrouter.server.jdk;

import dev.pdrouter.PdRouter;
import dev.pdrouter.SocketTransport;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.TargetPolicy;
import dev.pdrouter.connector.KvConnector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running sidecar: a server before a router before transports. */
final class Sidecar {

    private static final Logger LOG = LoggerFactory.getLogger(Sidecar.class);

    /** Longer than a client whose request was refused may go on sending. */
    private static final Duration LAST_WRITES = Duration.ofSeconds(3);

    private final JdkServer server;
    private final PdRouter router;
    private final Map<Stage, SocketTransport> transports;
    private final Duration drainTimeout;
    private final String announcement;

    private Sidecar(
            JdkServer server,
            PdRouter router,
            Map<Stage, SocketTransport> transports,
            Duration drainTimeout,
            String announcement) {
        this.server = server;
        this.router = router;
        this.transports = transports;
        this.drainTimeout = drainTimeout;
        this.announcement = announcement;
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
        InetSocketAddress address = address(settings);
        SSLContext tls = settings.get(Options.SECURE_PROXY) ? ServerTls.of(settings, environment) : null;
        Map<Stage, SocketTransport> transports = Engines.of(settings);
        Target decoder = new Target(settings.get(Options.DECODER_HOST), settings.get(Options.VLLM_PORT));
        KvConnector connector = connector(settings, environment);
        PdRouter router = router(settings, decoder, connector, transports);
        JdkServer server = listen(router, address, tls);
        String line = "listening on " + new Target(shown(address), server.port()) + ", decoder " + decoder
                + ", connector " + connector.name();
        return new Sidecar(server, router, transports, settings.get(Options.DRAIN_TIMEOUT), line);
    }

    /** Tells whoever waits for it that it is up; not before it can be stopped too. */
    void announce() {
        LOG.info(announcement);
    }

    /**
     * Stops: newcomers are answered 503 until the running requests have ended or their time is up.
     *
     * @throws InterruptedException when the thread was interrupted
     */
    void stop() throws InterruptedException {
        LOG.info("stopping");
        if (!router.drain(drainTimeout)) {
            LOG.warn("requests were still running after {} s", drainTimeout.toSeconds());
        }
        server.awaitWritten(LAST_WRITES);
        server.close();
        router.close();
        transports.values().forEach(SocketTransport::close);
        LOG.info("stopped");
    }

    private static KvConnector connector(Settings settings, Map<String, String> environment) throws BadSetting {
        Map<String, String> options = new HashMap<>();
        options.put("pod-ip", environment.getOrDefault("POD_IP", ""));
        for (Option<?> option : Options.ALL) {
            if (option.section() == Section.CONNECTORS) {
                settings.find(option).ifPresent(value -> options.put(option.name(), value.toString()));
            }
        }
        KvConnector chosen = settings.get(Options.CONNECTOR);
        try {
            return chosen.configured(Map.copyOf(options));
        } catch (IllegalArgumentException e) {
            throw BadSetting.of("-connector=" + chosen.name(), String.valueOf(e.getMessage()));
        }
    }

    private static PdRouter router(
            Settings settings, Target decoder, KvConnector connector, Map<Stage, SocketTransport> transports) {
        PdRouter.Builder builder = PdRouter.builder()
                .decoder(decoder)
                .kvConnector(connector)
                .targets(TargetPolicy.any())
                .prefillers(settings.get(Options.PREFILLER))
                .maxRequestBytes(limit(settings.get(Options.MAX_REQUEST_BYTES)))
                .maxPrefillResponseBytes(limit(settings.get(Options.MAX_PREFILL_RESPONSE_BYTES)))
                .requireHandoff(settings.get(Options.REQUIRE_HANDOFF))
                .maxInFlight(settings.get(Options.MAX_IN_FLIGHT))
                .requestBodyTimeout(settings.get(Options.REQUEST_BODY_TIMEOUT))
                .prefillTimeout(settings.get(Options.PREFILL_TIMEOUT))
                .decodeTimeout(settings.get(Options.DECODE_TIMEOUT))
                .streamIdleTimeout(settings.get(Options.STREAM_IDLE_TIMEOUT));
        transports.forEach(builder::transport);
        return builder.build();
    }

    /** The router takes 0 for a size; whoever sets an option to it wants no limit. */
    private static long limit(long bytes) {
        return bytes == 0 ? Long.MAX_VALUE : bytes;
    }

    private static JdkServer listen(PdRouter router, InetSocketAddress address, @Nullable SSLContext tls)
            throws BadSetting {
        try {
            return JdkServer.start(router, address, tls);
        } catch (IOException e) {
            String reason = BadSetting.shown(String.valueOf(e.getMessage()));
            throw BadSetting.of("-port=" + address.getPort() + bound(address), "cannot listen there: " + reason);
        }
    }

    private static InetSocketAddress address(Settings settings) throws BadSetting {
        Optional<String> host = settings.find(Options.BIND);
        int port = settings.get(Options.PORT);
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

    private static String shown(InetSocketAddress address) {
        return address.getAddress().getHostAddress();
    }
}
