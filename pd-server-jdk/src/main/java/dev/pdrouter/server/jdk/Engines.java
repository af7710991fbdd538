package dev.pdrouter.server.jdk;

import dev.pdrouter.Arrivals;
import dev.pdrouter.PdRouter;
import dev.pdrouter.SocketTransport;
import dev.pdrouter.Stage;
import java.security.GeneralSecurityException;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How engines are reached, by the settings.
 *
 * @param stages a transport each
 * @param lookups plain, for what prefillers' hosts are asked
 */
record Engines(Map<Stage, SocketTransport> stages, SocketTransport lookups) implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Engines.class);

    /**
     * Makes the transports.
     *
     * @param settings timeouts, limits, TLS
     * @param arrivals waits for the answers
     * @return them, to be closed after the router
     * @throws BadSetting when a file cannot be used
     * @throws GeneralSecurityException when the JDK's TLS cannot be set up
     */
    static Engines of(Settings settings, Arrivals arrivals) throws BadSetting, GeneralSecurityException {
        EngineTls tls = EngineTls.of(settings);
        Map<Stage, SocketTransport> transports = new EnumMap<>(Stage.class);
        for (Stage stage : Stage.values()) {
            transports.put(stage, transport(stage, settings, arrivals, tls));
        }
        return new Engines(transports, builder(settings, arrivals).build());
    }

    void giveTo(PdRouter.Builder router) {
        stages.forEach(router::transport);
        router.lookups(lookups);
    }

    @Override
    public void close() {
        stages.values().forEach(SocketTransport::close);
        lookups.close();
    }

    private static SocketTransport.Builder builder(Settings settings, Arrivals arrivals) {
        return SocketTransport.builder()
                .arrivals(arrivals)
                .connectTimeout(settings.get(Options.CONNECT_TIMEOUT))
                .maxIdleConnectionsPerHost(limit(settings.get(Options.MAX_IDLE_CONNS_PER_HOST)));
    }

    /** The transport takes 0 for none; whoever sets the option to it wants no limit. */
    private static int limit(int connections) {
        return connections == 0 ? Integer.MAX_VALUE : connections;
    }

    private static SocketTransport transport(Stage stage, Settings settings, Arrivals arrivals, EngineTls tls)
            throws GeneralSecurityException {
        SocketTransport.Builder builder = builder(settings, arrivals);
        if (settings.get(Options.ENABLE_TLS).contains(stage.engine())) {
            if (settings.get(Options.TLS_INSECURE_SKIP_VERIFY).contains(stage.engine())) {
                LOG.warn(
                        "the certificate of the {} is not checked: whoever stands between can read and change",
                        stage.engine());
                builder.tls(tls.unchecked());
            } else {
                builder.tls(tls.checked());
            }
        }
        return stage == Stage.DECODE ? builder.carryingStreams().build() : builder.build();
    }
}
