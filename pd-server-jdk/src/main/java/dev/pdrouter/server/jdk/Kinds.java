package dev.pdrouter.server.jdk;

import dev.pdrouter.OnPrefillFailure;
import dev.pdrouter.Target;
import dev.pdrouter.TargetPolicy;
import dev.pdrouter.connector.EcConnector;
import dev.pdrouter.connector.KvConnector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The kinds of values that options take. */
final class Kinds {

    private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

    /** What Go's {@code strconv.ParseBool} reads. */
    static final Kind<Boolean> SWITCH = Kind.of("", "true or false", Kinds::truth);

    static final Kind<String> TEXT = Kind.of("text", "any text", text -> text);

    static final Kind<Path> PATH = Kind.of("path", "a path", Path::of);

    static final Kind<String> HOST = Kind.of("host", "a host name or address", Kinds::host);

    static final Kind<Duration> DURATION =
            Kind.of("duration", "a duration such as 200ms, 30s or 1m30s", GoDuration::parse);

    static final Kind<Long> SIZE = Kind.of("size", "a size such as 512KiB, 64MiB or plain bytes", ByteSize::parse);

    static final Kind<List<Target>> TARGETS = new Kind<>(
            "host:port,...",
            () -> "a comma list of host:port",
            text -> parts(text).map(Target::parse).toList(),
            (earlier, later) -> Stream.concat(earlier.stream(), later.stream()).toList());

    static final Kind<TargetPolicy> TARGET_POLICY = new Kind<>(
            "host,...",
            () -> "a comma list of host, *.suffix or network, each with :port or without",
            Kinds::targetPolicy,
            TargetPolicy::or);

    /** Kept as it goes on to a connector. */
    static final Kind<String> HOSTS = new Kind<>(
            "host,...",
            () -> "a comma list of host names or addresses",
            text -> parts(text).map(Kinds::host).collect(Collectors.joining(",")),
            (earlier, later) -> earlier + "," + later);

    private static final Set<String> STAGE_NAMES = new LinkedHashSet<>(List.of("prefiller", "decoder", "encoder"));
    private static final BinaryOperator<Set<String>> UNION =
            (earlier, later) -> Stream.concat(earlier.stream(), later.stream()).collect(Collectors.toSet());

    /** Stages by the words of the newer Go sidecar. */
    static final Kind<Set<String>> STAGES =
            new Kind<>("stage,...", () -> "a comma list of " + String.join(", ", STAGE_NAMES), Kinds::stages, UNION);

    static final Kind<LogLevel> LEVEL = choice("level", byName(LogLevel.values()));

    static final Kind<OnPrefillFailure> ON_PREFILL_FAILURE = choice("what", byName(OnPrefillFailure.values()));

    static final Kind<LogFormat> FORMAT = choice("format", byName(LogFormat.values()));

    /** klog's {@code -v}. */
    static final Kind<LogLevel> VERBOSITY =
            Kind.of("number", "a whole number", text -> LogLevel.ofVerbosity(Integer.parseInt(text)));

    static final Kind<LogLevel> ZAP_LEVEL = Kind.of(
            "level",
            "a whole number, or " + LEVEL.accepted().get(),
            text -> text.matches("[+-]?\\d+")
                    ? VERBOSITY.reader().read(text)
                    : LEVEL.reader().read(text));

    static final Kind<LogFormat> ZAP_ENCODER =
            choice("encoder", new TreeMap<>(Map.of("json", LogFormat.JSON, "console", LogFormat.TEXT)));

    /** A connector, found among the services of the class path. */
    static final Kind<KvConnector> CONNECTOR = new Kind<>(
            "name", () -> "one of " + String.join(", ", connectors()), KvConnector::named, (earlier, later) -> later);

    /** An EC connector, found in the same way. */
    static final Kind<EcConnector> EC_CONNECTOR = new Kind<>(
            "name", () -> "one of " + String.join(", ", ecConnectors()), EcConnector::named, (earlier, later) -> later);

    private Kinds() {}

    static Kind<Integer> whole(String placeholder, int least, int most) {
        String range = most == Integer.MAX_VALUE ? least + " or more" : "from " + least + " to " + most;
        return Kind.of(placeholder, "a whole number, " + range, text -> {
            int number = text.matches("\\d+") ? Integer.parseInt(text) : -1;
            if (number < least || number > most) {
                throw new IllegalArgumentException();
            }
            return number;
        });
    }

    /** A switch that stands for one stage in a list of them. */
    static Kind<Set<String>> stageSwitch(String stage) {
        return new Kind<>("", SWITCH.accepted(), text -> truth(text) ? Set.of(stage) : Set.of(), UNION);
    }

    /** What is known by name but not there yet: asking for it must not go unnoticed. */
    static Kind<String> notYet(String placeholder) {
        return Kind.of(placeholder, "", text -> {
            throw new BadSetting("not available in this version yet");
        });
    }

    /** The same for a switch, which may well be off. */
    static Kind<Boolean> onlyOff() {
        return Kind.of("", "true or false", text -> {
            if (truth(text)) {
                throw new BadSetting("not available in this version yet");
            }
            return false;
        });
    }

    static Set<String> connectors() {
        return names(KvConnector.class, KvConnector::name);
    }

    static Set<String> ecConnectors() {
        return names(EcConnector.class, EcConnector::name);
    }

    private static <T> Set<String> names(Class<T> service, Function<T, String> name) {
        return ServiceLoader.load(service).stream()
                .map(provider -> name.apply(provider.get()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static <T> Kind<T> choice(String placeholder, Map<String, T> choices) {
        return Kind.of(placeholder, "one of " + String.join(", ", choices.keySet()), text -> {
            T value = choices.get(text);
            if (value == null) {
                throw new IllegalArgumentException();
            }
            return value;
        });
    }

    private static <T extends Enum<T>> Map<String, T> byName(T[] values) {
        Map<String, T> byName = new LinkedHashMap<>();
        for (T value : values) {
            byName.put(value.name().toLowerCase(Locale.ROOT), value);
        }
        return byName;
    }

    private static Stream<String> parts(String list) {
        return Arrays.stream(list.split(",")).map(String::strip).filter(part -> !part.isEmpty());
    }

    private static boolean truth(String text) {
        if (!TRUE.contains(text) && !FALSE.contains(text)) {
            throw new IllegalArgumentException();
        }
        return TRUE.contains(text);
    }

    private static String host(String text) {
        String host = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        return new Target(host, 1).host();
    }

    private static TargetPolicy targetPolicy(String list) throws BadSetting {
        TargetPolicy policy = (stage, target) -> false;
        List<String> entries = parts(list).toList();
        for (String entry : entries) {
            try {
                policy = policy.or(TargetPolicy.only(List.of(entry)));
            } catch (IllegalArgumentException e) {
                throw BadSetting.of(BadSetting.shown(entry), String.valueOf(e.getMessage()));
            }
        }
        if (entries.isEmpty()) {
            throw new IllegalArgumentException();
        }
        return policy;
    }

    private static Set<String> stages(String text) {
        Set<String> stages = parts(text).collect(Collectors.toSet());
        if (!STAGE_NAMES.containsAll(stages)) {
            throw new IllegalArgumentException();
        }
        return stages;
    }
}
