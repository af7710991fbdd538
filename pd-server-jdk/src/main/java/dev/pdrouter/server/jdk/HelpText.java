package dev.pdrouter.server.jdk;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What {@code -help} prints, at most 96 columns wide. */
final class HelpText {

    private static final int WIDTH = 96;
    private static final int COLUMN = 36;

    private static final String INTRODUCTION =
            """
            Usage: pd-router [-name=value | -name value | -switch]...
                   java -jar pd-router.jar [-name=value | -name value | -switch]...

            Example: pd-router -port=8000 -vllm-port=8001 -connector=nixlv2

            One dash or two. Each option is also an environment variable, PD_ and its name in capitals with _
            for -, and a key of the YAML file. Flag goes over environment over YAML over default.
            Durations are such as 200ms, 30s or 1m30s; sizes such as 512KiB or 64MiB; 0 is no limit.
            """;

    private HelpText() {}

    /** The whole text. */
    static String text() {
        StringBuilder text = new StringBuilder(INTRODUCTION);
        for (Section section : Section.values()) {
            text.append('\n').append(section.title).append('\n');
            if (section == Section.KLOG) {
                String names = Options.ALL.stream()
                        .filter(option -> option.section() == section)
                        .map(option -> "-" + option.name())
                        .collect(Collectors.joining(", "));
                wrap(names, WIDTH - 2)
                        .forEach(line -> text.append("  ").append(line).append('\n'));
            } else {
                Options.ALL.stream()
                        .filter(option -> option.section() == section)
                        .forEach(option -> row(option, text));
            }
        }
        text.append('\n');
        wrap("Connectors: " + String.join(", ", Kinds.connectors()), WIDTH)
                .forEach(line -> text.append(line).append('\n'));
        wrap("EC connectors: " + String.join(", ", Kinds.ecConnectors()), WIDTH)
                .forEach(line -> text.append(line).append('\n'));
        text.append("-help prints this, -version the version.\n");
        return text.toString();
    }

    private static void row(Option<?> option, StringBuilder text) {
        String head = "  -" + option.name()
                + (option.kind().isSwitch() ? "" : "=<" + option.kind().placeholder() + ">");
        List<String> lines = wrap(meaning(option), WIDTH - COLUMN);
        if (head.length() >= COLUMN) {
            text.append(head).append('\n');
            head = "";
        }
        for (String line : lines) {
            text.append(head)
                    .append(" ".repeat(COLUMN - head.length()))
                    .append(line)
                    .append('\n');
            head = "";
        }
    }

    private static String meaning(Option<?> option) {
        String fallback = option.fallback().isEmpty() ? "" : " (default " + option.fallback() + ")";
        String also = option.aliases().stream()
                .map(alias -> "-" + alias.name() + (alias.successor().isEmpty() ? "" : " (deprecated)"))
                .collect(Collectors.joining(", "));
        String variables = option.variables().isEmpty() ? "" : "; also by " + String.join(", ", option.variables());
        return option.help().replace("`", "") + fallback + (also.isEmpty() ? "" : "; also " + also) + variables;
    }

    private static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
