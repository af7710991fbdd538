package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostAddressTest {

    @ParameterizedTest
    @ValueSource(strings = {"10.1.2.3", "192.0.2.1", "fd00::7"})
    void anAddressOfANetworkIsForOthers(String address) throws UnknownHostException {
        assertThat(HostAddress.isForOthers(InetAddress.getByName(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.1.1", "::1", "0.0.0.0", "::", "169.254.1.1", "fe80::1"})
    void anAddressThatMeansSomethingElseToOthersIsNot(String address) throws UnknownHostException {
        assertThat(HostAddress.isForOthers(InetAddress.getByName(address))).isFalse();
    }
}
