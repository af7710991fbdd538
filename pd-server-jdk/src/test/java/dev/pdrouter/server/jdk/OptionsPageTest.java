package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OptionsPageTest {

    private static final Path PAGE = Path.of("..", "docs", "options.md");
    private static final String WRITE = "docs.write";

    @Test
    void thePageOfOptionsSaysWhatTheTableSays() throws IOException {
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(PAGE, OptionsPage.text());
        }
        assertThat(Files.exists(PAGE) ? Files.readString(PAGE) : "")
                .as(
                        "docs/options.md is behind the table in Options; write it again with: mvn -pl pd-server-jdk -am test"
                                + " -Dtest=OptionsPageTest -Dsurefire.failIfNoSpecifiedTests=false -D" + WRITE
                                + "=true")
                .isEqualTo(OptionsPage.text());
    }

    @Test
    void helpNamesEveryOptionWithItsDefaultAndOtherNames() {
        String help = HelpText.text().replaceAll("\\s+", " ");
        for (Option<?> option : Options.ALL) {
            for (Option.Alias<?> alias : option.names()) {
                assertThat(help).contains("-" + alias.name());
            }
            if (!option.fallback().isEmpty()) {
                assertThat(help).contains("(default " + option.fallback() + ")");
            }
        }
    }

    @Test
    void helpFitsATerminal() {
        assertThat(HelpText.text().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    @Test
    void noTwoOptionsShareAName() {
        List<String> names = Options.ALL.stream()
                .flatMap(option -> option.names().stream())
                .map(Option.Alias::name)
                .toList();
        assertThat(names).doesNotHaveDuplicates();
    }

    @Test
    void bothGenerationsOfTheGoSidecarAreUnderstood() {
        Stream<String> original = Stream.of(
                "port",
                "vllm-port",
                "connector",
                "prefiller-use-tls",
                "decoder-use-tls",
                "prefiller-tls-insecure-skip-verify",
                "decoder-tls-insecure-skip-verify",
                "secure-proxy",
                "cert-path",
                "enable-ssrf-protection",
                "inference-pool-namespace",
                "inference-pool-name",
                "add_dir_header",
                "alsologtostderr",
                "log_backtrace_at",
                "log_dir",
                "log_file",
                "log_file_max_size",
                "logtostderr",
                "one_output",
                "skip_headers",
                "skip_log_headers",
                "stderrthreshold",
                "v",
                "vmodule");
        Stream<String> newer = Stream.of(
                "model-server-port",
                "kv-connector",
                "enable-tls",
                "tls-insecure-skip-verify",
                "inference-pool",
                "pool-group",
                "max-idle-conns-per-host",
                "configuration",
                "configuration-file",
                "zap-log-level",
                "zap-encoder");
        assertThat(Stream.concat(original, newer)).allSatisfy(name -> assertThat(Settings.isSwitch(name, Source.FLAG))
                .as(name)
                .isPresent());
    }
}
