package dev.pdrouter.examples;

import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;

/**
 * What the demo was told.
 *
 * @param once to end after the two requests
 * @param port the sidecar's; without one it is 8000 or the next that is free
 * @param help only to say what can be told
 */
record DemoOptions(boolean once, OptionalInt port, boolean help) {

    static final String HELP =
            """
            Usage: pd-router demo [--once] [--port PORT]

            Starts a prefiller and a decoder that speak vLLM's JSON, the sidecar between them, sends a chat request
            and a streamed one through it, shows who did what and when, and stays up until Ctrl-C.

              --once        end after the two requests
              --port PORT   where the sidecar listens; when not given, on 8000 or the next free port
            """;

    static DemoOptions parse(List<String> args) {
        DemoOptions options = new DemoOptions(false, OptionalInt.empty(), false);
        for (Iterator<String> rest = args.iterator(); rest.hasNext(); ) {
            String arg = rest.next();
            String[] pair = arg.split("=", 2);
            options = switch (pair[0].replaceFirst("^--?", "-")) {
                case "-once" -> new DemoOptions(true, options.port, options.help);
                case "-help", "-h" -> new DemoOptions(options.once, options.port, true);
                case "-port" -> {
                    if (pair.length < 2 && !rest.hasNext()) {
                        throw new IllegalArgumentException("--port needs a number");
                    }
                    int port = number(pair.length == 2 ? pair[1] : rest.next());
                    yield new DemoOptions(options.once, OptionalInt.of(port), options.help);
                }
                default -> throw new IllegalArgumentException("no option " + arg + "; there are --once and --port");
            };
        }
        return options;
    }

    private static int number(String text) {
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65535) {
            throw new IllegalArgumentException("--port is a number up to 65535, not " + text);
        }
        return Integer.parseInt(text);
    }
}
