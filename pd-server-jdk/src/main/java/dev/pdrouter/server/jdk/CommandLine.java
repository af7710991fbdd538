package dev.pdrouter.server.jdk;

import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** The command line, by the rules of Go's {@code flag} package with {@code pflag}'s second dash. */
final class CommandLine {

    /** What a command line asks for. */
    enum Wish {
        RUN,
        HELP,
        VERSION
    }

    private static final Set<String> HELP = Set.of("-h", "--h", "-help", "--help");
    private static final Set<String> VERSION = Set.of("-version", "--version");

    private CommandLine() {}

    /**
     * Says what is asked for.
     *
     * @param arguments the command line
     * @return help or version when one argument is that, wherever it stands
     */
    static Wish wish(List<String> arguments) {
        if (arguments.stream().anyMatch(HELP::contains)) {
            return Wish.HELP;
        }
        return arguments.stream().anyMatch(VERSION::contains) ? Wish.VERSION : Wish.RUN;
    }

    /**
     * Takes the settings of a command line.
     *
     * @param arguments the command line
     * @param settings where they go
     * @throws BadSetting for the first that is wrong
     */
    static void apply(List<String> arguments, Settings settings) throws BadSetting {
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            String flag = argument.startsWith("--") ? argument.substring(2) : argument.substring(dash(argument));
            int equals = flag.indexOf('=');
            String name = equals < 0 ? flag : flag.substring(0, equals);
            String shown = "-" + BadSetting.shown(name);
            if (equals >= 0) {
                String text = flag.substring(equals + 1);
                settings.set(Source.FLAG, name, text, shown + "=" + BadSetting.shown(text));
            } else if (Settings.isSwitch(name, Source.FLAG).orElse(true)) {
                settings.set(Source.FLAG, name, "true", shown);
            } else if (rest.hasNext()) {
                String text = rest.next();
                settings.set(Source.FLAG, name, text, shown + "=" + BadSetting.shown(text));
            } else {
                throw BadSetting.of(shown, "expected a value");
            }
        }
    }

    private static int dash(String argument) throws BadSetting {
        if (argument.startsWith("-") && argument.length() > 1) {
            return 1;
        }
        throw BadSetting.of(
                BadSetting.shown(argument), "expected an option such as -port=8000 (a switch takes its value after =)");
    }
}
