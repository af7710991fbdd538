package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pdrouter.OnPrefillFailure;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.TargetPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

    static Settings read(Map<String, String> environment, String... arguments) throws BadSetting {
        List<String> all = new ArrayList<>(List.of("-connector=test"));
        all.addAll(List.of(arguments));
        return Settings.read(all, environment);
    }

    static Settings read(String... arguments) throws BadSetting {
        return read(Map.of(), arguments);
    }

    @Test
    void withoutSettingsTheDefaultsCount() throws BadSetting {
        Settings settings = read();
        assertThat(settings.get(Options.PORT)).isEqualTo(8000);
        assertThat(settings.get(Options.VLLM_PORT)).isEqualTo(8001);
        assertThat(settings.get(Options.DECODER_HOST)).isEqualTo("localhost");
        assertThat(settings.find(Options.BIND)).isEmpty();
        assertThat(settings.get(Options.PREFILLER)).isEmpty();
        assertThat(settings.get(Options.PREFILL_TIMEOUT)).isEqualTo(Duration.ofMinutes(10));
        assertThat(settings.get(Options.DECODE_TIMEOUT)).isZero();
        assertThat(settings.get(Options.ON_PREFILL_FAILURE)).isEqualTo(OnPrefillFailure.ERROR);
        assertThat(settings.get(Options.PREFILL_MAX_RETRIES)).isZero();
        assertThat(settings.get(Options.PREFILL_RETRY_BACKOFF)).isEqualTo(Duration.ofMillis(200));
        assertThat(settings.get(Options.ENABLE_PREFILLER_SAMPLING)).isFalse();
        assertThat(settings.get(Options.MAX_REQUEST_BYTES)).isEqualTo(256L << 20);
        assertThat(settings.get(Options.SECURE_PROXY)).isFalse();
        assertThat(settings.get(Options.ENABLE_TLS)).isEmpty();
        assertThat(settings.get(Options.LOG_LEVEL)).isEqualTo(LogLevel.INFO);
        assertThat(settings.warnings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-port=9000", "--port=9000", "-port 9000", "--port 9000", "-port=1 -port=9000"})
    void aFlagHasOneDashOrTwoAndItsValueAfterEqualsOrABlank(String line) throws BadSetting {
        assertThat(read(line.split(" ")).get(Options.PORT)).isEqualTo(9000);
    }

    @ParameterizedTest
    @CsvSource({
        "-secure-proxy,true", "--secure-proxy,true", "-secure-proxy=true,true", "-secure-proxy=1,true",
        "-secure-proxy=t,true", "-secure-proxy=T,true", "-secure-proxy=TRUE,true", "-secure-proxy=True,true",
        "-secure-proxy=false,false", "-secure-proxy=0,false", "-secure-proxy=f,false", "-secure-proxy=F,false",
        "-secure-proxy=FALSE,false", "-secure-proxy=False,false",
    })
    void aSwitchIsReadAsGoReadsIt(String flag, boolean value) throws BadSetting {
        assertThat(read(flag).get(Options.SECURE_PROXY)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "200ms,200",
        "30s,30000",
        "2m,120000",
        "1m30s,90000",
        "1.5h,5400000",
        ".5s,500",
        "1us,0",
        "1s0ms,1000"
    })
    void durationsAreReadAsGoReadsThem(String text, long millis) throws BadSetting {
        assertThat(read("-drain-timeout=" + text).get(Options.DRAIN_TIMEOUT).toMillis())
                .isEqualTo(millis);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1000,1000", "1B,1", "512KiB,524288", "64MiB,67108864", "2GiB,2147483648"})
    void sizesHaveUnits(String text, long bytes) throws BadSetting {
        assertThat(read("-max-request-bytes=" + text).get(Options.MAX_REQUEST_BYTES))
                .isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "-v=0,INFO",
        "-v=3,INFO",
        "-v=4,DEBUG",
        "-v 5,TRACE",
        "-v=9,TRACE",
        "-log-level=warn,WARN",
        "--zap-log-level=error,ERROR",
        "--zap-log-level=debug,DEBUG",
        "--zap-log-level=5,TRACE",
    })
    void theLevelHasThreeNames(String line, LogLevel level) throws BadSetting {
        assertThat(read(line.split(" ")).get(Options.LOG_LEVEL)).isEqualTo(level);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-port=70000",
                "-port=-1",
                "-port=eighty",
                "-port=",
                "-vllm-port=0",
                "-model-server-port=x",
                "-bind=a/b",
                "-decoder-host=http://x",
                "-connector=foo",
                "-prefiller=host",
                "-prefiller=host:0",
                "-prefill-timeout=10",
                "-prefill-timeout=-1s",
                "-prefill-timeout=1d",
                "-prefill-timeout=s",
                "-drain-timeout=99999999999h",
                "-max-request-bytes=1MB",
                "-max-request-bytes=1.5MiB",
                "-max-request-bytes=99999999999TiB",
                "-max-in-flight=2147483648",
                "-secure-proxy=yes",
                "-enable-tls=prefill",
                "-on-prefill-failure=retry",
                "-prefill-max-retries=-1",
                "-prefill-retry-backoff=200",
                "-enable-prefiller-sampling=sometimes",
                "-log-level=loud",
                "-log-format=xml",
                "-v=high",
                "-zap-encoder=text",
                "-inference-pool=a/b",
                "-pool-group=x",
                "-inference-pool-name=x",
                "-enable-ssrf-protection=true",
                "-prefiller-use-tls=maybe",
                "-data-parallel-size=0",
                "-nosuch=1",
            })
    void aBadValueIsNamedWithItsOption(String flag) {
        assertThatExceptionOfType(BadSetting.class)
                .isThrownBy(() -> read(flag))
                .withMessageStartingWith(flag + ": ")
                .withMessageMatching("[^\\n]*");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-port=x | -port=x: expected a whole number, from 0 to 65535",
                "-max-in-flight=x | -max-in-flight=x: expected a whole number, 0 or more",
                "-secure-proxy=x | -secure-proxy=x: expected true or false",
                "-enable-tls=x | -enable-tls=x: expected a comma list of prefiller, decoder, encoder",
                "-ec-connector=x | -ec-connector=x: expected one of ec-example, ec-nixl",
                "-log-level=x | -log-level=x: expected one of error, warn, info, debug, trace",
                "-inference-pool=x | -inference-pool=x: not available in this version yet",
                "-nosuch | -nosuch: unknown option; -help lists those there are",
                "-port | -port: expected a value",
                "8000 | 8000: expected an option such as -port=8000 (a switch takes its value after =)",
                "- | -: expected an option such as -port=8000 (a switch takes its value after =)",
            })
    void aMessageSaysWhatIsAccepted(String flag, String message) {
        assertThatExceptionOfType(BadSetting.class).isThrownBy(() -> read(flag)).withMessage(message);
    }

    @Test
    void anUnknownConnectorIsToldTheKnownOnes() {
        assertThatExceptionOfType(BadSetting.class)
                .isThrownBy(() -> read("-connector=foo"))
                .withMessageMatching("-connector=foo: expected one of (\\w.*, )?test");
    }

    @Test
    void aMessageStaysOneLineWhateverTheValue() {
        assertThatExceptionOfType(BadSetting.class)
                .isThrownBy(() -> read("-port=1\n2" + "3".repeat(500)))
                .withMessageStartingWith("-port=1?2333")
                .withMessageContaining("333...: expected");
    }

    @Test
    void flagGoesOverEnvironmentOverYamlOverDefault() throws BadSetting {
        String yaml = "-configuration={port: 1, vllm-port: 1, drain-timeout: 1s}";
        Map<String, String> environment = Map.of("PD_PORT", "2", "PD_MODEL_SERVER_PORT", "2");
        Settings settings = read(environment, yaml, "-port=3");
        assertThat(settings.get(Options.PORT)).isEqualTo(3);
        assertThat(settings.get(Options.VLLM_PORT)).isEqualTo(2);
        assertThat(settings.get(Options.DRAIN_TIMEOUT)).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.get(Options.REQUEST_BODY_TIMEOUT)).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void everyOptionIsAFlagAVariableAndAYamlKeyUnlessTheTableSaysOtherwise() throws BadSetting {
        for (Option<?> option : Options.ALL) {
            String name = option.name();
            String value = option.fallback().isEmpty() ? "" : option.fallback().replace("nixl", "test");
            if (!value.isEmpty()) {
                assertThat(option.sources()).as(name).containsExactly(Source.values());
                assertThat(read("-" + name + "=" + value).find(option)).as(name).isPresent();
                assertThat(read(Map.of(Option.variable(name), value)).find(option))
                        .as(name)
                        .isPresent();
                assertThat(read("-configuration={" + name + ": '" + value + "'}")
                                .find(option))
                        .as(name)
                        .isPresent();
            }
        }
        assertThat(Option.variable("max-idle-conns-per-host")).isEqualTo("PD_MAX_IDLE_CONNS_PER_HOST");
    }

    @Test
    void aBadVariableIsNamedAsSuchAndAnEmptyOneIsNotSet() throws BadSetting {
        assertThatExceptionOfType(BadSetting.class)
                .isThrownBy(() -> read(Map.of("PD_PORT", "x")))
                .withMessageStartingWith("PD_PORT=x: expected");
        assertThat(read(Map.of("PD_PORT", "")).get(Options.PORT)).isEqualTo(8000);
    }

    @Test
    void variablesOfOthersAreLeftAlone() throws BadSetting {
        Map<String, String> environment = Map.of(
                "PORT",
                "1",
                "INFERENCE_POOL_NAME",
                "pool",
                "INFERENCE_POOL",
                "a/b",
                "PD_ROUTER_PORT",
                "tcp://10.0.0.1:80");
        assertThat(read(environment, "-enable-ssrf-protection=false").get(Options.PORT))
                .isEqualTo(8000);
    }

    @Test
    void listsAreCommaListsAndAddUp() throws BadSetting {
        assertThat(read("-prefiller=a:1, [::1]:2", "-prefiller=http://c:3").get(Options.PREFILLER))
                .containsExactly(new Target("a", 1), new Target("::1", 2), new Target("c", 3));
        assertThat(read("-enable-tls=prefiller", "-enable-tls=decoder").get(Options.ENABLE_TLS))
                .isEqualTo(Set.of("prefiller", "decoder"));
    }

    @Test
    void theOriginalsSwitchesForTlsStandForStagesAndAreDeprecated() throws BadSetting {
        Settings settings = read("-prefiller-use-tls", "-decoder-use-tls=false", "-decoder-tls-insecure-skip-verify");
        assertThat(settings.get(Options.ENABLE_TLS)).isEqualTo(Set.of("prefiller"));
        assertThat(settings.get(Options.TLS_INSECURE_SKIP_VERIFY)).isEqualTo(Set.of("decoder"));
        assertThat(settings.warnings()).contains("-prefiller-use-tls is deprecated: write enable-tls=prefiller");
    }

    @Test
    void flagsOfKlogAreNamedInOneWarning() throws BadSetting {
        assertThat(read("-logtostderr=true", "-stderrthreshold", "2", "-skip_headers")
                        .warnings())
                .containsExactly("without effect, the log goes to stderr: -skip_headers, -stderrthreshold");
        assertThat(read("-logtostderr").warnings()).isEmpty();
        assertThat(read("-logtostderr=false").warnings()).hasSize(1);
    }

    @Test
    void anEmptyValueOfWhatHasNoDefaultIsNotSet() throws BadSetting {
        Settings settings = read("-cert-path=", "-inference-pool=", "-bind=");
        assertThat(settings.find(Options.CERT_PATH)).isEmpty();
        assertThat(settings.find(Options.BIND)).isEmpty();
        assertThat(read("-cert-path=/x").find(Options.CERT_PATH)).contains(Path.of("/x"));
    }

    /** A list that a template left empty must not let everything through. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-allow-targets=",
                "-allow-targets=,",
                "-configuration={allow-targets: }",
                "-configuration={allow-targets: []}",
                "-configuration={allow-targets: ['']}",
                "-client-ca-path=",
                "-upstream-ca-path=",
                "-configuration={client-ca-path: ''}"
            })
    void anEmptyValueOfWhatProtectsIsAnError(String flag) {
        assertThatExceptionOfType(BadSetting.class)
                .isThrownBy(() -> read(flag))
                .withMessageMatching("-.*(allow-targets|ca-path).*: expected .*");
    }

    @Test
    void whatIsWrongInAListOfTargetsIsNamed() {
        assertThatExceptionOfType(BadSetting.class)
                .isThrownBy(() -> read("-allow-targets=good,10.0.0.0/33,other"))
                .withMessage(
                        "-allow-targets=good,10.0.0.0/33,other: 10.0.0.0/33: a network's length must be from 0 to 32");
    }

    @Test
    void targetsAreAllowedByEverySource() throws BadSetting {
        for (Settings settings : List.of(
                read("-allow-targets=a:1", "-allow-targets=b"),
                read(Map.of("PD_ALLOW_TARGETS", "a:1, b")),
                read("-configuration={allow-targets: ['a:1', b]}"))) {
            TargetPolicy policy = settings.find(Options.ALLOW_TARGETS).orElseThrow();
            assertThat(policy.allows(Stage.PREFILL, new Target("a", 1))).isTrue();
            assertThat(policy.allows(Stage.ENCODE, new Target("b", 2))).isTrue();
            assertThat(policy.allows(Stage.PREFILL, new Target("a", 2))).isFalse();
        }
    }

    @Test
    void helpAndVersionAreAskedForInEverySpelling() {
        for (String help : List.of("-h", "--h", "-help", "--help")) {
            assertThat(CommandLine.wish(List.of("-port=1", help))).isEqualTo(CommandLine.Wish.HELP);
        }
        assertThat(CommandLine.wish(List.of("--version"))).isEqualTo(CommandLine.Wish.VERSION);
        assertThat(CommandLine.wish(List.of("-port=1"))).isEqualTo(CommandLine.Wish.RUN);
    }

    @Test
    void environmentVariablesOfOtherSidecarsAreRead() throws BadSetting {
        Map<String, String> theirs = Map.of("POD_IP", "10.0.0.9");
        assertThat(read(theirs).find(ConnectorOptions.MORIIO_LOCAL_POD_IP)).contains("10.0.0.9");
        Map<String, String> both = Map.of("POD_IP", "10.0.0.9", "PD_MORIIO_LOCAL_POD_IP", "10.0.0.8");
        assertThat(read(both).find(ConnectorOptions.MORIIO_LOCAL_POD_IP)).contains("10.0.0.8");
        assertThat(read(Map.of("ENABLE_PREFILLER_SAMPLING", "true")).get(Options.ENABLE_PREFILLER_SAMPLING))
                .isTrue();
        assertThatExceptionOfType(BadSetting.class)
                .isThrownBy(() -> read(Map.of("SGLANG_BOOTSTRAP_PORT", "0")))
                .withMessageStartingWith("SGLANG_BOOTSTRAP_PORT=0: ");
    }
}
