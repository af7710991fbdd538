package dev.pdrouter.examples;

import dev.pdrouter.PdRouter;
import dev.pdrouter.Target;
import dev.pdrouter.TargetPolicy;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.server.jdk.JdkServer;
import dev.pdrouter.testkit.Pace;
import dev.pdrouter.testkit.VllmDecoder;
import dev.pdrouter.testkit.VllmPrefiller;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * A prefiller, a decoder and the sidecar between them.
 *
 * @param prefiller takes 60 ms for a prompt
 * @param decoder takes 25 ms for a token
 * @param router the sidecar's
 * @param server the sidecar's
 * @param journal is told what the router does
 */
record DemoStack(VllmPrefiller prefiller, VllmDecoder decoder, PdRouter router, JdkServer server, Journal journal)
        implements AutoCloseable {
    private static final int USUAL_PORT = 8000;
    private static final int TRIES = 100;

    static DemoStack start(OptionalInt port) throws IOException {
        VllmPrefiller prefiller =
                VllmPrefiller.builder().pace(Pace.every(Duration.ofMillis(60))).start();
        VllmDecoder decoder =
                VllmDecoder.builder().pace(Pace.every(Duration.ofMillis(25))).start();
        Journal journal = new Journal(prefiller, decoder);
        PdRouter router = PdRouter.builder()
                .decoder(Target.parse(decoder.address()))
                .kvConnector(KvConnector.named("nixlv2"))
                .targets(TargetPolicy.any())
                .listener(journal)
                .build();
        return new DemoStack(prefiller, decoder, router, listen(router, port), journal);
    }

    private static JdkServer listen(PdRouter router, OptionalInt wanted) throws IOException {
        int first = wanted.orElse(USUAL_PORT);
        int last = wanted.orElse(USUAL_PORT + TRIES);
        for (int port = first; ; port++) {
            try {
                return JdkServer.start(router, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), null);
            } catch (BindException e) {
                if (port == last) {
                    throw new IOException("port " + port + " is in use", e);
                }
            }
        }
    }

    /** Where the sidecar is. */
    String address() {
        return "http://localhost:" + server.port();
    }

    @Override
    public void close() {
        server.close();
        router.close();
        prefiller.close();
        decoder.close();
    }
}
