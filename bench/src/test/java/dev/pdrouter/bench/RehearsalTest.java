package dev.pdrouter.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the build does with the jar when it is there, run as the build does. */
@DisabledOnOs(OS.WINDOWS)
@EnabledForJreRange(min = JRE.JAVA_25)
class RehearsalTest {

    private static final Path SOURCE = Path.of("src/main/java/dev/pdrouter/bench/Rehearsal.java");

    @TempDir
    Path folder;

    private String rehearse(String sidecar) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        SOURCE.toString(),
                        folder.toString(),
                        sidecar)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(said).isNotZero();
        return said;
    }

    @Test
    void itRunsFromItsSourceWithNothingButTheJdk() throws Exception {
        assertThat(rehearse("true")).contains("rehearsing does not listen");
    }
}
