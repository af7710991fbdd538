package dev.pdrouter.server.jdk;

import dev.pdrouter.Arrivals;
import dev.pdrouter.SocketTransport;
import dev.pdrouter.Stage;
import java.security.GeneralSecurityException;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the engines of each stage are reached, by the settings. */
final class Engines {

    private static final Logger LOG = LoggerFactory.getLogger(Engines.class);

    private Engines() {}

    /**
     * Makes one transport a stage.
     *
     * @param settings timeouts, limits, TLS
     * @param arrivals waits for the answers
     * @return the transports, to be closed after the router
     * @throws GeneralSecurityException when the JDK's TLS cannot be set up
     */
    static Map<Stage, SocketTransport> of(Settings settings, Arrivals arrivals) throws GeneralSecurityException {
        Map<Stage, SocketTransport> transports = new EnumMap<>(Stage.class);
        for (Stage stage : Stage.values()) {
            transports.put(stage, transport(stage, settings, arrivals));
        }
        return transports;
    }

    private static SocketTransport transport(Stage stage, Settings settings, Arrivals arrivals)
            throws GeneralSecurityException {
        SocketTransport.Builder builder = SocketTransport.builder()
                .arrivals(arrivals)
                .connectTimeout(settings.get(Options.CONNECT_TIMEOUT))
                .maxIdleConnectionsPerHost(settings.get(Options.MAX_IDLE_CONNS_PER_HOST));
        if (settings.get(Options.ENABLE_TLS).contains(stage.engine())) {
            if (settings.get(Options.TLS_INSECURE_SKIP_VERIFY).contains(stage.engine())) {
                LOG.warn(
                        "the certificate of the {} is not checked: whoever stands between can read and change",
                        stage.engine());
                builder.tls(EngineTls.unchecked());
            } else {
                builder.tls(EngineTls.checked());
            }
        }
        return stage == Stage.DECODE ? builder.carryingStreams().build() : builder.build();
    }
}
