package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class SigtermTest {

    @Test
    void sigtermOfAnIdleSidecarExits0AtOnceAndSaysSo() throws IOException, InterruptedException {
        try (Launched launched = Launched.with("-connector=test", "-port=0", "-bind=127.0.0.1")) {
            launched.awaitPort();
            launched.process.toHandle().destroy();
            assertThat(launched.stderr()).anyMatch(line -> line.endsWith("INFO  stopped"));
            assertThat(launched.exitStatus()).isZero();
        }
    }
}
