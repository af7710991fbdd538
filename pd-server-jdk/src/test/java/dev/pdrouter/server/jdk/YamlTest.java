package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pdrouter.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlTest {

    @TempDir
    private Path folder;

    @Test
    void aFileHoldsOptionsByAnyOfTheirNames() throws IOException, BadSetting {
        Path file = Files.writeString(
                folder.resolve("sidecar.yaml"),
                """
                # decoder
                port: 9000
                model-server-port: 8200
                kv-connector: test
                secure-proxy: true
                drain-timeout: 1m30s
                max-request-bytes: 1MiB
                enable-tls: [prefiller, decoder]
                prefiller:
                  - a:1
                  - b:2
                cert-path: ""
                bind:
                v: 4
                """);
        Settings settings = SettingsTest.read("-configuration-file=" + file);
        assertThat(settings.get(Options.PORT)).isEqualTo(9000);
        assertThat(settings.get(Options.VLLM_PORT)).isEqualTo(8200);
        assertThat(settings.get(Options.SECURE_PROXY)).isTrue();
        assertThat(settings.get(Options.DRAIN_TIMEOUT)).isEqualTo(Duration.ofSeconds(90));
        assertThat(settings.get(Options.MAX_REQUEST_BYTES)).isEqualTo(1L << 20);
        assertThat(settings.get(Options.ENABLE_TLS)).isEqualTo(Set.of("prefiller", "decoder"));
        assertThat(settings.get(Options.PREFILLER)).containsExactly(new Target("a", 1), new Target("b", 2));
        assertThat(settings.find(Options.CERT_PATH)).isEmpty();
        assertThat(settings.find(Options.BIND)).isEmpty();
        assertThat(settings.get(Options.LOG_LEVEL)).isEqualTo(LogLevel.DEBUG);
    }

    @Test
    void aListMayAlsoBeACommaList() throws BadSetting {
        assertThat(SettingsTest.read("-configuration", "enable-tls: prefiller,decoder")
                        .get(Options.ENABLE_TLS))
                .isEqualTo(Set.of("prefiller", "decoder"));
    }

    @Test
    void anEmptyTextSetsNothing() throws BadSetting {
        assertThat(SettingsTest.read("-configuration=# nothing").get(Options.PORT))
                .isEqualTo(8000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{nosuch: 1} | -configuration line 1: nosuch: 1: unknown option; -help lists those there are",
                "{port: http} | -configuration line 1: port: http: expected a whole number, from 0 to 65535",
                "{port: [1, [2]]} | -configuration line 1: expected a value or a list of them",
                "{port: {a: 1}} | -configuration line 1: expected a value or a list of them",
                "[port] | -configuration: expected option names and values, such as port: 8000",
                "port | -configuration: expected option names and values, such as port: 8000",
                "{configuration: x} | -configuration line 1: configuration: x: unknown option; -help lists those there are",
                "{log_dir: x} | -configuration line 1: log_dir: x: unknown option; -help lists those there are",
            })
    void whatIsWrongIsNamedWithItsLine(String text, String message) {
        assertThatExceptionOfType(BadSetting.class)
                .isThrownBy(() -> SettingsTest.read("-configuration=" + text))
                .withMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"'{port: 1' | 1", "'{port: 1, port: 2}' | 1", "'port: 1\nport: 2' | 2", "'port: \"1' | 1"})
    void whatIsNoYamlIsNamedWithItsLine(String text, int line) {
        assertThatExceptionOfType(BadSetting.class)
                .isThrownBy(() -> SettingsTest.read("-configuration=" + text))
                .withMessageStartingWith("-configuration line " + line + ": expected YAML: ")
                .withMessageMatching("[^\\n]*");
    }

    @Test
    void aFileThatCannotBeReadIsNamed() {
        Path file = folder.resolve("none.yaml");
        assertThatExceptionOfType(BadSetting.class)
                .isThrownBy(() -> SettingsTest.read("-configuration-file=" + file))
                .withMessage("-configuration-file=" + file + ": there is no such file");
        assertThatExceptionOfType(BadSetting.class)
                .isThrownBy(() -> SettingsTest.read("-configuration-file=" + folder))
                .withMessageStartingWith("-configuration-file=" + folder + ": cannot be read");
    }

    @Test
    void fileAndInlineTogetherAreRefused() {
        assertThatExceptionOfType(BadSetting.class)
                .isThrownBy(() -> SettingsTest.read("-configuration-file=/x", "-configuration={}"))
                .withMessage("-configuration and -configuration-file: expected one of the two only");
    }
}
