package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where MoRI-IO's prefillers are told that the decoder is, when nobody says. */
class MoriIoLaunchedTest {

    @TempDir
    Path folder;

    /** Of the lines of a hosts file, in which {@code us} stands for this machine's name. */
    private Launched launched(String hosts) throws IOException {
        try (BufferedReader name = new ProcessBuilder("uname", "-n").start().inputReader()) {
            Path file = Files.writeString(folder.resolve("hosts"), hosts.replace("us", name.readLine()));
            return Launched.resolving(file, "-connector=moriio", "-port=0", "-bind=127.0.0.1");
        }
    }

    @Test
    void itIsWhatTheNameOfThisMachineResolvesToAndTheLogSaysSo() throws IOException {
        try (Launched launched = launched("10.1.2.3 us\n")) {
            assertThat(launched.awaitLine("moriio-local-pod-ip")).contains(" INFO ", "10.1.2.3");
            assertThat(launched.awaitPort()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.1.1 us\n", "0.0.0.0 us\n", "10.1.2.3 another\n"})
    void aNameThatResolvesToNothingForOthersIsOneLineAndStatus2(String hosts) throws IOException, InterruptedException {
        try (Launched launched = launched(hosts)) {
            assertThat(launched.stderr())
                    .containsExactly(
                            "pd-router: -connector=moriio: expected -moriio-local-pod-ip or POD_IP, the decoder's address"
                                    + " for its prefillers: the name of this machine resolves to none");
            assertThat(launched.exitStatus()).isEqualTo(2);
        }
    }
}
