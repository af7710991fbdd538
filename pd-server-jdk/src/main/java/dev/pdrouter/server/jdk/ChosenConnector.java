package dev.pdrouter.server.jdk;

import dev.pdrouter.connector.KvConnector;
import java.util.HashMap;
import java.util.Map;

/** The KV connector that the settings choose, with its options. */
final class ChosenConnector {

    private ChosenConnector() {}

    static KvConnector of(Settings settings) throws BadSetting {
        KvConnector chosen = chosen(settings);
        Map<String, String> options = new HashMap<>();
        options.put("port", settings.get(Options.PORT).toString());
        options.put(
                "data-parallel-size", settings.get(Options.DATA_PARALLEL_SIZE).toString());
        for (Option<?> option : ConnectorOptions.ALL) {
            settings.find(option).ifPresent(value -> options.put(option.name(), value.toString()));
        }
        try {
            return chosen.configured(Map.copyOf(options));
        } catch (IllegalArgumentException e) {
            throw BadSetting.of("-connector=" + chosen.name(), String.valueOf(e.getMessage()));
        }
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
