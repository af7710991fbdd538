package dev.pdrouter.server.jdk;

import dev.pdrouter.connector.KvConnector;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The KV connector that the settings choose, with its options. */
final class ChosenConnector {

    private static final String LOCAL_POD_IP = ConnectorOptions.MORIIO_LOCAL_POD_IP.name();
    private static final Logger LOG = LoggerFactory.getLogger(ChosenConnector.class);

    private ChosenConnector() {}

    /**
     * Finds it.
     *
     * @param settings all settings
     * @param ownAddress asked when the connector has to tell where we are and nobody has said
     * @return the connector, configured
     * @throws BadSetting when the settings do not go together, or something is missing
     */
    static KvConnector of(Settings settings, Supplier<Optional<String>> ownAddress) throws BadSetting {
        KvConnector chosen = chosen(settings);
        Map<String, String> options = new HashMap<>();
        options.put("port", settings.get(Options.PORT).toString());
        options.put(
                "data-parallel-size", settings.get(Options.DATA_PARALLEL_SIZE).toString());
        for (Option<?> option : ConnectorOptions.ALL) {
            settings.find(option).ifPresent(value -> options.put(option.name(), value.toString()));
        }
        if (isToldOwnAddress(chosen, settings) && !options.containsKey(LOCAL_POD_IP)) {
            options.put(LOCAL_POD_IP, found(ownAddress));
        }
        try {
            return chosen.configured(Map.copyOf(options));
        } catch (IllegalArgumentException e) {
            throw BadSetting.of("-connector=" + chosen.name(), String.valueOf(e.getMessage()));
        }
    }

    /** In read mode the prefillers write nothing; and a decoder elsewhere is not where we are. */
    private static boolean isToldOwnAddress(KvConnector chosen, Settings settings) {
        String decoder = settings.get(Options.DECODER_HOST);
        return chosen.name().equals("moriio")
                && settings.find(ConnectorOptions.MORIIO_WRITE_MODE).orElse(true)
                && (decoder.equals("localhost") || decoder.startsWith("127.") || decoder.equals("::1"));
    }

    /** It may be that of a network which prefillers do not use, so people are told. */
    private static String found(Supplier<Optional<String>> ownAddress) throws BadSetting {
        String address = ownAddress
                .get()
                .orElseThrow(() -> BadSetting.of(
                        "-connector=moriio",
                        "expected -" + LOCAL_POD_IP + " or POD_IP, the decoder's address for its prefillers:"
                                + " the name of this machine resolves to none"));
        LOG.info(
                "-{} is not set: prefillers are told {}, to which the name of this machine resolves",
                LOCAL_POD_IP,
                address);
        return address;
    }

    /** The newer Go sidecar calls MoRI-IO {@code nixlv2} with a switch. */
    private static KvConnector chosen(Settings settings) throws BadSetting {
        KvConnector named = settings.get(Options.CONNECTOR);
        boolean moriio = named.name().equals("moriio");
        boolean writes = settings.find(ConnectorOptions.MORIIO_WRITE_MODE).orElse(moriio);
        if (settings.find(ConnectorOptions.MORIIO_PARALLEL_DISPATCH).orElse(false) && !writes) {
            throw BadSetting.of("-moriio-parallel-dispatch=true", "expected -moriio-write-mode=true with it");
        }
        if (!writes || moriio) {
            return named;
        }
        if (!named.name().equals("nixlv2")) {
            throw BadSetting.of("-moriio-write-mode=true", "expected -connector=moriio or nixlv2 with it");
        }
        return KvConnector.named("moriio");
    }
}
