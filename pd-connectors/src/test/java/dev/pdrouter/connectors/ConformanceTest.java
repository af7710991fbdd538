package dev.pdrouter.connectors;

import static dev.pdrouter.GenerationApi.CHAT;
import static dev.pdrouter.GenerationApi.COMPLETIONS;
import static dev.pdrouter.GenerationApi.MESSAGES;
import static dev.pdrouter.GenerationApi.RESPONSES;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.pdrouter.Stage;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.testkit.ConnectorConformance;
import dev.pdrouter.testkit.EnginePair;
import dev.pdrouter.testkit.KvProtocol;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every connector between engines as strict as its own, over sockets. */
class ConformanceTest {

    private static ConnectorConformance of(String connector) {
        return ConnectorConformance.of(
                engines -> KvConnector.named(connector).configured(engines.options()), EnginePair.speaking(connector));
    }

    private static Stream<DynamicTest> tests(ConnectorConformance conformance) {
        return conformance.checks().map(check -> dynamicTest(check.name(), check::run));
    }

    @TestFactory
    Stream<DynamicTest> nixl() {
        return tests(of("nixl"));
    }

    @TestFactory
    Stream<DynamicTest> nixlv2() {
        return tests(of("nixlv2"));
    }

    @TestFactory
    Stream<DynamicTest> nixlPush() {
        return tests(of("nixl-push").alsoChanging("request_id"));
    }

    @TestFactory
    Stream<DynamicTest> mooncake() {
        return tests(of("mooncake"));
    }

    @TestFactory
    Stream<DynamicTest> mooncakeWithThePrefillerFirst() {
        return tests(ConnectorConformance.of(
                engines -> KvConnector.named("mooncake")
                        .configured(engines.options())
                        .configured(Map.of("mooncake-prefill-first", "true")),
                EnginePair.speaking("mooncake")));
    }

    @TestFactory
    Stream<DynamicTest> moriio() {
        return tests(of("moriio"));
    }

    @TestFactory
    Stream<DynamicTest> moriioInItsReadMode() {
        return tests(ConnectorConformance.of(
                engines -> KvConnector.named("moriio")
                        .configured(Map.of("moriio-write-mode", "false", "moriio-local-pod-ip", "127.0.0.1")),
                (prefill, decode) -> EnginePair.vllm(KvProtocol.moriioRead(), prefill, decode)));
    }

    @TestFactory
    Stream<DynamicTest> offloading() {
        return tests(of("offloading"));
    }

    @TestFactory
    Stream<DynamicTest> sglang() {
        return tests(of("sglang")
                .changing(Stage.PREFILL)
                .alsoChanging("request_id")
                .endpoints(CHAT, COMPLETIONS, RESPONSES, MESSAGES));
    }

    @TestFactory
    Stream<DynamicTest> sharedStorage() {
        return tests(of("shared-storage").alsoChanging("cache_hit_threshold"));
    }

    @TestFactory
    Stream<DynamicTest> lmcache() {
        return tests(of("lmcache")
                .changing(Stage.PREFILL, "max_tokens", "max_completion_tokens", "max_output_tokens", "min_tokens"));
    }
}
