package dev.pdrouter.server.jdk;

import static dev.pdrouter.server.jdk.Section.CONNECTORS;

import java.util.List;

/** The options that the connectors take, part of the table in {@link Options}. */
final class ConnectorOptions {

    /** Only what was set counts: without it a connector's own mode does. */
    static final Option<Boolean> MORIIO_WRITE_MODE = Option.of(
            CONNECTORS,
            "moriio-write-mode",
            Kinds.SWITCH,
            "",
            "true makes `nixlv2` mean `moriio`; false is for `moriio` engines in read mode");

    static final Option<Boolean> MORIIO_PARALLEL_DISPATCH = Option.of(
            CONNECTORS,
            "moriio-parallel-dispatch",
            Kinds.SWITCH,
            "",
            "goes with `moriio-write-mode`, in which the legs always overlap");

    static final Option<String> MORIIO_LOCAL_POD_IP = Option.of(
                    CONNECTORS,
                    "moriio-local-pod-ip",
                    Kinds.HOST,
                    "",
                    "the decoder's address for its prefillers, which `moriio` needs to write; what the name of this machine resolves to when not set")
            .alsoVariable("POD_IP");

    static final List<Option<?>> ALL = List.of(
            port("mooncake-bootstrap-port", "8998", "the bootstrap server of `mooncake` prefillers")
                    .alsoVariable("MOONCAKE_BOOTSTRAP_PORT"),
            Option.of(
                    CONNECTORS,
                    "mooncake-prefill-first",
                    Kinds.SWITCH,
                    "false",
                    "`mooncake`: ask the decoder only when the prefiller has ended, so that a prefiller that fails leaves no blocks with it; docs/connectors/mooncake.md says more"),
            port("sglang-bootstrap-port", "8998", "the bootstrap server of `sglang` prefillers")
                    .alsoVariable("SGLANG_BOOTSTRAP_PORT"),
            port(
                            "p2p-connector-port",
                            "7777",
                            "the side channel of `offloading` engines; with data-parallel ranks that of the first")
                    .alsoVariable("P2P_CONNECTOR_PORT"),
            Option.of(
                    CONNECTORS,
                    "rewrite-remote-host",
                    Kinds.SWITCH,
                    "false",
                    "`nixl` and `nixlv2`: replace the handoff's `remote_host` by the candidate's host, for engines that advertise `localhost`"),
            Option.of(
                    CONNECTORS,
                    "enable-p2p-pull",
                    Kinds.SWITCH,
                    "false",
                    "`nixl` and `nixlv2`, for engines that have the tier of `offloading` too: have cached blocks fetched from the engine of `x-kv-cache-source-host-port`, as `offloading` always does"),
            MORIIO_WRITE_MODE,
            MORIIO_PARALLEL_DISPATCH,
            MORIIO_LOCAL_POD_IP,
            port("moriio-decode-notify-port", "61005", "where the decoder is told of written blocks"),
            port("moriio-decode-handshake-port", "6301", "where prefillers meet the decoder"),
            port("moriio-prefill-notify-port", "61005", "where prefillers are told of read blocks"),
            port("moriio-prefill-handshake-port", "6301", "where the decoder meets prefillers"),
            number("moriio-tp-size", 1, 1024, "1", "tensor-parallel ranks of each engine"),
            number("moriio-dp-size", 1, 65535, "1", "data-parallel ranks of each side, all hosts together"),
            number("moriio-dp-size-local", 0, 65535, "0", "those on each host, where there are several hosts"),
            hosts("moriio-decode-hosts", "the decoder's hosts, in the order of their ranks"),
            hosts("moriio-remote-hosts", "the prefillers' hosts, in the order of their ranks"));

    private ConnectorOptions() {}

    private static Option<Integer> port(String name, String fallback, String help) {
        return Option.of(CONNECTORS, name, Kinds.whole("port", 1, 65535), fallback, help);
    }

    private static Option<Integer> number(String name, int least, int most, String fallback, String help) {
        return Option.of(CONNECTORS, name, Kinds.whole("number", least, most), fallback, help);
    }

    private static Option<String> hosts(String name, String help) {
        return Option.of(CONNECTORS, name, Kinds.HOSTS, "", help);
    }
}
