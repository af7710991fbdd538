package dev.pdrouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetPolicyTest {

    private static boolean allows(String entry, String target) {
        return TargetPolicy.only(List.of(entry)).allows(Stage.PREFILL, Target.parse(target));
    }

    @ParameterizedTest
    @CsvSource({
        "engine-0,            engine-0:8000",
        "engine-0,            ENGINE-0.:8000",
        "Engine-0.,           engine-0:1",
        "engine-0:8000,       engine-0:8000",
        "*.svc,               a.svc:8000",
        "*.svc,               a.b.SVC:8000",
        "*.svc.cluster.local, a.svc.cluster.local.:8000",
        "*.svc:8000,          a.svc:8000",
        "*.svc.,              a.svc:8000",
        "10.1.2.3,            10.1.2.3:8000",
        "10.1.2.3:8000,       10.1.2.3:8000",
        "10.0.0.0/8,          10.255.0.1:8000",
        "10.9.9.9/8,          10.1.2.3:8000",
        "10.0.0.0/8:8000,     10.1.2.3:8000",
        "10.1.2.128/25,       10.1.2.129:8000",
        "0.0.0.0/0,           192.0.2.1:8000",
        "10.0.0.0/8,          [::ffff:10.1.2.3]:8000",
        "::1,                 [0:0:0:0:0:0:0:1]:8000",
        "[::1],               [::1]:8000",
        "[::1]:8000,          [::1]:8000",
        "fd00::/8,            [fdab::1]:8000",
        "[fd00::/8]:8000,     [fdab::1]:8000",
        "[fd00::]/8:8000,     [fdab::1]:8000",
        "2001:db8::/33,       [2001:db8:7fff::1]:1",
    })
    void whatAnEntryNamesIsAllowed(String entry, String target) {
        assertThat(allows(entry, target)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "engine-0,        engine-00:8000",
        "engine-0,        a.engine-0:8000",
        "engine-0:8000,   engine-0:8001",
        "*.svc,           svc:8000",
        "*.svc,           asvc:8000",
        "*.svc:8000,      a.svc:80",
        "*.svc,           a.svc.evil.example:8000",
        "10.1.2.3,        10.1.2.33:8000",
        "10.1.2.3:8000,   10.1.2.3:22",
        "10.0.0.0/8,      11.0.0.1:8000",
        "10.0.0.0/8:8000, 10.1.2.3:22",
        "10.1.2.128/25,   10.1.2.127:8000",
        "0.0.0.0/0,       engine-0:8000",
        "0.0.0.0/0,       [fd00::1]:8000",
        "::/0,            10.1.2.3:8000",
        "fd00::/8,        [fe80::1]:8000",
        "2001:db8::/33,   [2001:db8:8000::1]:1",
        // To some resolvers these are 127.0.0.1: here they are names, which are in no network.
        "127.0.0.0/8,     127.1:8000",
        "127.0.0.0/8,     2130706433:8000",
        "127.0.0.0/8,     0177.0.0.1:8000",
        "127.0.0.0/8,     localhost:8000",
    })
    void whatItDoesNotNameIsNot(String entry, String target) {
        assertThat(allows(entry, target)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "*.",
                "*.*",
                "a*.svc",
                "*.0.0.1",
                "10.0.0.0/33",
                "10.0.0.0/",
                "10.0.0.0/-1",
                "10.0/8",
                "fd00::/129",
                "fd00::x/8",
                "[fd00::/8",
                "[engine-0]",
                "engine-0/8",
                "http://engine-0",
                "engine-0:",
                "engine-0:0",
                "engine-0:65536",
                "engine-0:http",
                "a b",
                ":8000",
                "10.1.2.300",
                "10.1.2.03",
                "10.1.2",
                "10",
                "127.1:8000",
                "fe80::1%1",
                "[fe80::1%1]:8000",
                ""
            })
    void whatIsNoneOfThoseIsRefused(String entry) {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> TargetPolicy.only(List.of(entry)));
    }

    @Test
    void anEmptyListIsNoPolicy() {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> TargetPolicy.only(List.of()));
    }

    @Test
    void oneOfSeveralIsEnough() {
        TargetPolicy policy = TargetPolicy.only(List.of("a", "b")).or(TargetPolicy.only(List.of("c")));
        for (String host : List.of("a", "b", "c")) {
            assertThat(policy.allows(Stage.PREFILL, new Target(host, 1))).isTrue();
        }
        assertThat(policy.allows(Stage.PREFILL, new Target("d", 1))).isFalse();
    }
}
