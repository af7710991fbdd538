package dev.pdrouter.server.jdk;

import java.util.stream.Collectors;

/** {@code docs/options.md}, written from the table of options. */
final class OptionsPage {

    private static final String INTRODUCTION =
            """
            # Options

            An option is a flag, an environment variable and a key of the YAML file, by one name each:

            | | |
            |---|---|
            | flag | `-port=8000`, `-port 8000`, `--port=8000`; a switch also alone: `-secure-proxy` |
            | environment | `PD_PORT=8000`: `PD_`, then the name in capitals with `_` for `-`; an empty one counts as not set |
            | YAML | `port: 8000`, in the file of `-configuration-file` or inline in `-configuration` |

            Flag goes over environment over YAML over default. Lists of one source add up, of two sources the first
            counts. Durations are spelled `200ms`, `30s`, `1m30s`; sizes `512KiB`, `64MiB` or plain bytes; `0` means no
            limit where a limit is meant. What is unknown or malformed ends the start with one line and exit status 2.
            The names in *also* are those of the two Go sidecars; a deprecated one works and is warned about.
            `-help` prints all of this, `-version` the version.
            """;

    private OptionsPage() {}

    static String text() {
        StringBuilder page = new StringBuilder(INTRODUCTION);
        for (Section section : Section.values()) {
            page.append("\n## ").append(section.title).append("\n\n");
            if (section == Section.KLOG) {
                page.append(
                        "Manifests of the original may carry flags of Go's klog. They are understood as flags, and\n");
                page.append("warned about, since the log goes to stderr: ");
                page.append(Options.ALL.stream()
                        .filter(option -> option.section() == section)
                        .map(option -> "`" + option.name() + "`")
                        .collect(Collectors.joining(", ")));
                page.append(".\n");
            } else {
                page.append("| option | takes | default | also | meaning |\n|---|---|---|---|---|\n");
                Options.ALL.stream()
                        .filter(option -> option.section() == section)
                        .forEach(option -> row(option, page));
            }
        }
        return page.toString();
    }

    private static void row(Option<?> option, StringBuilder page) {
        String also = option.aliases().stream()
                .map(alias -> "`" + alias.name() + "`"
                        + (alias.successor().isEmpty() ? "" : ", deprecated for `" + alias.successor() + "`"))
                .collect(Collectors.joining("; "));
        also += option.variables().stream()
                .map(variable -> (option.aliases().isEmpty() ? "" : "; ") + "`" + variable + "` (environment)")
                .collect(Collectors.joining());
        page.append("| `").append(option.name()).append("` | ");
        page.append(option.kind().isSwitch() ? "switch" : option.kind().placeholder())
                .append(" | ");
        page.append(option.fallback().isEmpty() ? "none" : "`" + option.fallback() + "`")
                .append(" | ");
        page.append(also).append(" | ").append(option.help()).append(" |\n");
    }
}
