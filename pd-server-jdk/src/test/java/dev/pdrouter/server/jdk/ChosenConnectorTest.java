package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pdrouter.Body;
import dev.pdrouter.GenerationApi;
import dev.pdrouter.Target;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChosenConnectorTest {

    private static String chosen(String arguments) throws BadSetting {
        return connector(Map.of("POD_IP", "10.0.0.9"), arguments).name();
    }

    /** On a machine that nobody may ask for its address. */
    private static KvConnector connector(Map<String, String> environment, String arguments) throws BadSetting {
        return ChosenConnector.of(Settings.read(List.of(arguments.split(" ")), environment), () -> {
            throw new AssertionError("the resolver was asked");
        });
    }

    private static String toldToPrefillers(KvConnector moriio) throws Exception {
        Plan plan = moriio.plan(new PlanRequest("id", GenerationApi.CHAT, JsonBody.of("{}"), new Target("p", 1)));
        return JsonBody.parse(bytes(((Plan.Concurrent) plan).prefill().body()))
                .get("kv_transfer_params")
                .orElseThrow()
                .path("remote_host")
                .asText();
    }

    private static byte[] bytes(Body body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        body.writeTo(out);
        return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-connector=moriio", "-connector=nixlv2 -moriio-write-mode"})
    void moriIosPrefillersAreToldOurOwnAddressWhenNobodySaysAnother(String arguments) throws Exception {
        Settings settings = Settings.read(List.of(arguments.split(" ")), Map.of("POD_IP", ""));
        assertThat(toldToPrefillers(ChosenConnector.of(settings, () -> Optional.of("10.0.0.7"))))
                .isEqualTo("10.0.0.7");
        assertThatThrownBy(() -> ChosenConnector.of(settings, Optional::empty))
                .isInstanceOf(BadSetting.class)
                .hasMessageStartingWith("-connector=moriio: expected -moriio-local-pod-ip or POD_IP");
    }

    @Test
    void ourOwnAddressIsNotThatOfADecoderElsewhere() throws Exception {
        Settings settings = Settings.read(List.of("-connector=moriio", "-decoder-host=10.0.0.8"), Map.of("POD_IP", ""));
        assertThatThrownBy(() -> ChosenConnector.of(settings, () -> Optional.of("10.0.0.7")))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining("moriio-local-pod-ip");
    }

    @Test
    void theResolverIsAskedOnlyWhenItHasTo() throws Exception {
        assertThat(toldToPrefillers(connector(Map.of("POD_IP", "10.0.0.9"), "-connector=moriio")))
                .isEqualTo("10.0.0.9");
        assertThat(toldToPrefillers(
                        connector(Map.of("POD_IP", "10.0.0.9"), "-connector=moriio -moriio-local-pod-ip=10.0.0.8")))
                .isEqualTo("10.0.0.8");
        assertThat(connector(Map.of(), "-connector=moriio -moriio-write-mode=false")
                        .name())
                .isEqualTo("moriio");
        assertThat(connector(Map.of(), "-connector=mooncake").name()).isEqualTo("mooncake");
    }

    @ParameterizedTest
    @CsvSource({
        "-connector=nixlv2, nixlv2",
        "--kv-connector=nixlv2 --moriio-write-mode, moriio",
        "--kv-connector=nixlv2 --moriio-write-mode=true --moriio-parallel-dispatch=true, moriio",
        "--kv-connector=nixlv2 --moriio-write-mode=false --moriio-parallel-dispatch=false, nixlv2",
        "-connector=moriio, moriio",
        "-connector=moriio -moriio-parallel-dispatch, moriio",
        "-connector=moriio -moriio-write-mode=false, moriio",
        "-connector=mooncake -moriio-write-mode=false, mooncake"
    })
    void bothWaysToChooseMoriIoAreUnderstood(String arguments, String name) throws BadSetting {
        assertThat(chosen(arguments)).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "-connector=nixlv2 -moriio-parallel-dispatch, -moriio-parallel-dispatch=true",
        "-connector=moriio -moriio-write-mode=false -moriio-parallel-dispatch, -moriio-parallel-dispatch=true",
        "-connector=mooncake -moriio-write-mode, -moriio-write-mode=true",
        "-connector=moriio -moriio-remote-hosts=a;b, moriio-remote-hosts",
        "-connector=moriio -moriio-dp-size=5 -moriio-dp-size-local=2 -moriio-decode-hosts=a;b, moriio-decode-hosts",
        "-connector=offloading -data-parallel-size=2 -p2p-connector-port=65535, p2p-connector-port"
    })
    void switchesThatDoNotGoTogetherAreRefused(String arguments, String named) {
        assertThatThrownBy(() -> chosen(arguments.replace(';', ',')))
                .isInstanceOf(BadSetting.class)
                .hasMessageContaining(named);
    }
}
