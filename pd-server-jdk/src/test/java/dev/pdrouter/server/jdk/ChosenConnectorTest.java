package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChosenConnectorTest {

    private static String chosen(String arguments) throws BadSetting {
        return ChosenConnector.of(Settings.read(List.of(arguments.split(" ")), Map.of("POD_IP", "10.0.0.9")))
                .name();
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
