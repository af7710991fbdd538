package dev.pdrouter.server.jdk;

import dev.pdrouter.Rank;
import dev.pdrouter.Target;
import java.util.List;
import java.util.stream.IntStream;

/** The decoder's data-parallel ranks: consecutive ports, ours and the engines'. */
final class Ranks {

    private static final int HIGHEST_PORT = 65535;

    private Ranks() {}

    static List<Rank> of(Settings settings, OwnAddress own) throws BadSetting {
        int size = settings.get(Options.DATA_PARALLEL_SIZE);
        check("-port", settings.get(Options.PORT), size);
        check("-vllm-port", settings.get(Options.VLLM_PORT), size);
        String host = settings.get(Options.DECODER_HOST);
        int port = settings.get(Options.VLLM_PORT);
        return IntStream.range(0, size)
                .mapToObj(rank -> new Rank(new Target(host, port + rank), address -> own.isOf(rank, address)))
                .toList();
    }

    private static void check(String name, int port, int size) throws BadSetting {
        String setting = "-data-parallel-size=" + size;
        if (size > 1 && port == 0) {
            throw BadSetting.of(
                    setting, "expected a " + name + " other than 0, from which the ranks' ports are counted");
        }
        if (port + size - 1 > HIGHEST_PORT) {
            throw BadSetting.of(
                    setting, "expected at most " + (HIGHEST_PORT - port + 1) + " with " + name + "=" + port);
        }
    }
}
