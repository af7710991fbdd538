package dev.pdrouter.server.jdk;

import static dev.pdrouter.server.jdk.Section.FAILURE;
import static dev.pdrouter.server.jdk.Section.KLOG;
import static dev.pdrouter.server.jdk.Section.LIMITS;
import static dev.pdrouter.server.jdk.Section.LOG;
import static dev.pdrouter.server.jdk.Section.SECURITY;
import static dev.pdrouter.server.jdk.Section.SEEING;
import static dev.pdrouter.server.jdk.Section.WHERE;

import dev.pdrouter.OnPrefillFailure;
import dev.pdrouter.Target;
import dev.pdrouter.TargetPolicy;
import dev.pdrouter.connector.EcConnector;
import dev.pdrouter.connector.KvConnector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * The table of options, each one once. Both generations of the Go sidecar are understood: the names that they have and
 * we do not are aliases.
 */
final class Options {

    private static final List<Option<?>> TABLE = new ArrayList<>();

    static final List<Option<?>> ALL = Collections.unmodifiableList(TABLE);

    static final Option<Integer> PORT = add(
            Option.of(WHERE, "port", Kinds.whole("port", 0, 65535), "8000", "port to listen on; 0 takes a free one"));
    static final Option<String> BIND =
            add(Option.of(WHERE, "bind", Kinds.HOST, "", "address to listen on; all when not set"));
    static final Option<Integer> VLLM_PORT = add(
            Option.of(WHERE, "vllm-port", Kinds.whole("port", 1, 65535), "8001", "the decoder's port on `decoder-host`")
                    .also("model-server-port"));
    static final Option<String> DECODER_HOST =
            add(Option.of(WHERE, "decoder-host", Kinds.HOST, "localhost", "the decoder's host"));
    static final Option<KvConnector> CONNECTOR = add(Option.of(
                    WHERE,
                    "connector",
                    Kinds.CONNECTOR,
                    "nixl",
                    "KV connector; `nixl` speaks v2 and, to a prefiller that answers so, v1")
            .also("kv-connector"));
    static final Option<EcConnector> EC_CONNECTOR = add(Option.of(
            WHERE,
            "ec-connector",
            Kinds.EC_CONNECTOR,
            "",
            "EC connector, for the encoders that `x-encoder-hosts-ports` names; they are not asked when not set"));
    static final Option<Integer> DATA_PARALLEL_SIZE = add(
            Option.of(
                    WHERE,
                    "data-parallel-size",
                    Kinds.whole("number", 1, 65535),
                    "1",
                    "the decoder's data-parallel ranks: so many listeners from `port` on, for as many ports from `vllm-port` on"));
    static final Option<List<Target>> PREFILLER = add(Option.of(
            WHERE,
            "prefiller",
            Kinds.TARGETS,
            "",
            "prefillers to use when a request names none: a plain 1P1D needs no scheduler"));
    static final Option<Boolean> ENABLE_PREFILLER_SAMPLING = add(Option.of(
                    WHERE,
                    "enable-prefiller-sampling",
                    Kinds.SWITCH,
                    "false",
                    "begin at a random candidate instead of the first")
            .alsoVariable("ENABLE_PREFILLER_SAMPLING"));
    static final Option<Path> CONFIGURATION_FILE =
            add(Option.of(WHERE, "configuration-file", Kinds.PATH, "", "YAML file of options, each key a name")
                    .onlyFrom(Source.FLAG, Source.ENVIRONMENT));
    static final Option<String> CONFIGURATION = add(Option.of(
                    WHERE,
                    "configuration",
                    Kinds.TEXT,
                    "",
                    "the same inline, such as `{port: 8000}`; one of the two only")
            .onlyFrom(Source.FLAG, Source.ENVIRONMENT));

    static final Option<OnPrefillFailure> ON_PREFILL_FAILURE = add(
            Option.of(
                    FAILURE,
                    "on-prefill-failure",
                    Kinds.ON_PREFILL_FAILURE,
                    "error",
                    "when every prefiller has failed: `error`, or `decode`, a local prefill on the decoder; docs/failures.md says more"));
    static final Option<Integer> PREFILL_MAX_RETRIES = add(Option.of(
            FAILURE,
            "prefill-max-retries",
            Kinds.whole("number", 0, Integer.MAX_VALUE),
            "0",
            "further tries once every candidate has failed, from the first again, in order"));
    static final Option<Duration> PREFILL_RETRY_BACKOFF = add(Option.of(
            FAILURE,
            "prefill-retry-backoff",
            Kinds.DURATION,
            "200ms",
            "the longest pause before the first of them, doubled at each, with full jitter"));
    static final Option<Boolean> REQUIRE_HANDOFF = add(Option.of(
            FAILURE,
            "require-handoff",
            Kinds.SWITCH,
            "false",
            "a prefill without a handoff is a 502 instead of a local prefill on the decoder"));
    static final Option<Duration> PREFILL_TIMEOUT = add(Option.of(
            FAILURE,
            "prefill-timeout",
            Kinds.DURATION,
            "10m",
            "from sending to the prefiller's whole answer, all tries together; encoders take from it"));
    static final Option<Duration> DECODE_TIMEOUT = add(
            Option.of(
                    FAILURE,
                    "decode-timeout",
                    Kinds.DURATION,
                    "0",
                    "generation only: from sending to the decoder's first byte, which without streaming is the last token too"));
    static final Option<Duration> STREAM_IDLE_TIMEOUT = add(Option.of(
            FAILURE, "stream-idle-timeout", Kinds.DURATION, "10m", "between two pieces of the decoder's answer"));
    static final Option<Duration> CONNECT_TIMEOUT =
            add(Option.of(FAILURE, "connect-timeout", Kinds.DURATION, "2s", "for each connection to an engine"));

    static final Option<Long> MAX_REQUEST_BYTES = add(Option.of(
            LIMITS,
            "max-request-bytes",
            Kinds.SIZE,
            "256MiB",
            "a larger body is a 413, before it is read where `Content-Length` says so"));
    static final Option<Long> MAX_PREFILL_RESPONSE_BYTES = add(Option.of(
            LIMITS,
            "max-prefill-response-bytes",
            Kinds.SIZE,
            "64MiB",
            "a larger answer of a prefiller or an encoder is a 502"));
    static final Option<Long> MAX_BUFFERED_BYTES = add(
            Option.of(
                    LIMITS,
                    "max-buffered-bytes",
                    Kinds.SIZE,
                    "",
                    "bodies held at once, all requests together; what does not fit is a 503 with `Retry-After`, and what is larger than the whole a 413; half of the heap when not set"));
    static final Option<Integer> MAX_IN_FLIGHT = add(Option.of(
            LIMITS,
            "max-in-flight",
            Kinds.whole("number", 0, Integer.MAX_VALUE),
            "0",
            "disaggregated requests at once; one more is a 429 with `Retry-After`"));
    static final Option<Duration> REQUEST_BODY_TIMEOUT = add(
            Option.of(
                    LIMITS,
                    "request-body-timeout",
                    Kinds.DURATION,
                    "60s",
                    "a client that sends no byte of its body for so long gets a 408; one that takes longer for the head of a request is dropped"));
    static final Option<Integer> MAX_IDLE_CONNS_PER_HOST = add(Option.of(
            LIMITS,
            "max-idle-conns-per-host",
            Kinds.whole("number", 0, Integer.MAX_VALUE),
            "1024",
            "idle connections kept for each engine, for 4 s; 0 for any number"));
    static final Option<Duration> DRAIN_TIMEOUT = add(
            Option.of(
                    LIMITS,
                    "drain-timeout",
                    Kinds.DURATION,
                    "60s",
                    "after SIGTERM newcomers get 503 and running requests have so long to finish, then they are cut; 0 cuts them at once"));

    static final Option<Boolean> SECURE_PROXY =
            add(Option.of(SECURITY, "secure-proxy", Kinds.SWITCH, "false", "serve TLS"));
    static final Option<Path> CERT_PATH = add(
            Option.of(
                    SECURITY,
                    "cert-path",
                    Kinds.PATH,
                    "",
                    "folder of `tls.crt` and `tls.key` for `secure-proxy`, read again when they change; self-signed when not set"));
    static final Option<Path> CLIENT_CA_PATH = add(Option.of(
                    SECURITY,
                    "client-ca-path",
                    Kinds.PATH,
                    "",
                    "PEM file of CAs: clients must show a certificate of one of them, with `secure-proxy`; read again when it changes")
            .neverEmpty());
    static final Option<Set<String>> ENABLE_TLS =
            add(Option.of(SECURITY, "enable-tls", Kinds.STAGES, "", "engines to reach over TLS")
                    .also("prefiller-use-tls", Kinds.stageSwitch("prefiller"), "enable-tls=prefiller")
                    .also("decoder-use-tls", Kinds.stageSwitch("decoder"), "enable-tls=decoder"));
    static final Option<Set<String>> TLS_INSECURE_SKIP_VERIFY = add(Option.of(
                    SECURITY,
                    "tls-insecure-skip-verify",
                    Kinds.STAGES,
                    "",
                    "engines whose certificate is not checked; warned about")
            .also(
                    "prefiller-tls-insecure-skip-verify",
                    Kinds.stageSwitch("prefiller"),
                    "tls-insecure-skip-verify=prefiller")
            .also(
                    "decoder-tls-insecure-skip-verify",
                    Kinds.stageSwitch("decoder"),
                    "tls-insecure-skip-verify=decoder"));
    static final Option<Path> UPSTREAM_CA_PATH = add(Option.of(
                    SECURITY,
                    "upstream-ca-path",
                    Kinds.PATH,
                    "",
                    "PEM file of the CAs that engines' certificates come from, read again when it changes; the system's when not set")
            .neverEmpty());
    static final Option<Path> UPSTREAM_CERT_PATH = add(Option.of(
            SECURITY,
            "upstream-cert-path",
            Kinds.PATH,
            "",
            "folder of `tls.crt` and `tls.key` to show to engines, read again when they change"));
    static final Option<TargetPolicy> ALLOW_TARGETS = add(Option.of(
                    SECURITY,
                    "allow-targets",
                    Kinds.TARGET_POLICY,
                    "",
                    "the engines that routing headers may name: `host`, `*.suffix` or `10.0.0.0/8`, optionally with `:port`; others are left out, and a request of which none is left is a 403. Any when not set; docs/security.md says more")
            .neverEmpty());
    static final Option<Boolean> ENABLE_SSRF_PROTECTION = add(Option.of(
            SECURITY, "enable-ssrf-protection", Kinds.onlyOff(), "false", "not available in this version yet"));
    static final Option<String> INFERENCE_POOL =
            add(notYet("inference-pool").also("inference-pool-name").also("inference-pool-namespace"));
    static final Option<String> POOL_GROUP = add(notYet("pool-group"));

    static final Option<Integer> METRICS_PORT = add(
            Option.of(
                    SEEING,
                    "metrics-port",
                    Kinds.whole("port", 0, 65535),
                    "0",
                    "a port of its own for `/health`, `/ready` and our `/metrics`, plain HTTP; 0 for none. On `port`, `/metrics` is the engine's"));

    static final Option<Boolean> ACCESS_LOG = add(
            Option.of(
                    SEEING,
                    "access-log",
                    Kinds.SWITCH,
                    "false",
                    "one line to the log for each request when it has ended, at whatever `log-level`; never a prompt. Heads that are refused as malformed have none"));

    static {
        ConnectorOptions.ALL.forEach(Options::add);
    }

    static final Option<LogLevel> LOG_LEVEL = add(Option.of(
                    LOG,
                    "log-level",
                    Kinds.LEVEL,
                    "info",
                    "error, warn, info, debug or trace; `-v` up to 3 is info, 4 debug, 5 trace")
            .also("v", Kinds.VERBOSITY)
            .also("zap-log-level", Kinds.ZAP_LEVEL));
    static final Option<LogFormat> LOG_FORMAT =
            add(Option.of(LOG, "log-format", Kinds.FORMAT, "text", "text, or json for machines")
                    .also("zap-encoder", Kinds.ZAP_ENCODER));

    /** The log goes to stderr, which is what this asks for. */
    static final Option<Boolean> LOGTOSTDERR = klog("logtostderr", Kinds.SWITCH);

    static {
        for (String name :
                List.of("alsologtostderr", "one_output", "skip_headers", "skip_log_headers", "add_dir_header")) {
            klog(name, Kinds.SWITCH);
        }
        for (String name :
                List.of("stderrthreshold", "vmodule", "log_dir", "log_file", "log_file_max_size", "log_backtrace_at")) {
            klog(name, Kinds.TEXT);
        }
    }

    private Options() {}

    private static Option<String> notYet(String name) {
        return Option.of(SECURITY, name, Kinds.notYet("name"), "", "not available in this version yet");
    }

    private static <T> Option<T> klog(String name, Kind<T> kind) {
        return add(Option.of(KLOG, name, kind, "", "").onlyFrom(Source.FLAG));
    }

    private static <T> Option<T> add(Option<T> option) {
        TABLE.add(option);
        return option;
    }
}
