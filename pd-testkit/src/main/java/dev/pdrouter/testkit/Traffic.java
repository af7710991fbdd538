package dev.pdrouter.testkit;

import java.util.ArrayList;
import java.util.List;

/** What should never reach an engine through a router, though vLLM itself may take it without a word. */
final class Traffic {
    private static final List<String> ROUTING = List.of(
            "x-prefiller-host-port",
            "x-prefiller-url",
            "x-encoder-hosts-ports",
            "x-kv-cache-source-host-port",
            "x-data-parallel-host-port");
    private static final List<String> HOP_BY_HOP =
            List.of("Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade");

    private Traffic() {}

    static List<String> faults(EngineCall call) {
        List<String> faults = new ArrayList<>();
        for (String name : ROUTING) {
            call.header(name).ifPresent(value -> faults.add("the routing header " + name + " reached the engine"));
        }
        for (String name : HOP_BY_HOP) {
            call.header(name).ifPresent(value -> faults.add("the hop-by-hop header " + name + " was forwarded"));
        }
        if (call.head().headerValues("X-Request-Id").size() > 1) {
            faults.add("several X-Request-Id");
        }
        return faults;
    }
}
