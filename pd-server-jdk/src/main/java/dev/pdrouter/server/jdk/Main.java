package dev.pdrouter.server.jdk;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Launches the sidecar.
 *
 * <p>Exit status: 0 after SIGTERM or SIGINT, 143 or 130 after a second one that cuts the draining short, 2 when a setting cannot be (one line on stderr says which), 1 for what
 * fails at run time.
 */
public final class Main {

    private static final int FAILED = 1;
    private static final int BAD_SETTING = 2;

    private Main() {}

    /**
     * Starts it, and returns while it runs.
     *
     * @param args options; {@code -help} lists them
     */
    public static void main(String[] args) {
        List<String> arguments = Arrays.asList(args);
        switch (CommandLine.wish(arguments)) {
            case HELP -> System.out.print(HelpText.text());
            case VERSION -> System.out.println("pd-router " + version());
            case RUN -> run(arguments, System.getenv());
        }
    }

    private static void run(List<String> arguments, Map<String, String> environment) {
        // Read when the first logger is made, so that has to wait until here.
        System.setProperty("java.util.logging.manager", DrainingLogManager.class.getName());
        ServerProperties.setForTheProcess();
        StopHook stop = StopHook.register();
        try {
            Settings settings = Settings.read(arguments, environment);
            Log.configure(settings.get(Options.LOG_LEVEL), settings.get(Options.LOG_FORMAT));
            warn(settings);
            Sidecar sidecar = Sidecar.start(settings, environment);
            stop.runs(sidecar);
            sidecar.announce();
        } catch (BadSetting e) {
            System.err.println("pd-router: " + e.getMessage());
            stop.exit(BAD_SETTING);
        } catch (GeneralSecurityException | RuntimeException | Error e) {
            // Also an error: the hook takes an end that nobody asked for to be one in order.
            System.err.println("pd-router: cannot start: " + e + (e.getCause() == null ? "" : ": " + e.getCause()));
            stop.exit(FAILED);
        }
    }

    private static void warn(Settings settings) {
        settings.warnings().forEach(logger()::warn);
        if (settings.find(Options.CERT_PATH).isPresent() && !settings.get(Options.SECURE_PROXY)) {
            logger().warn("-cert-path is set and -secure-proxy is not: plain HTTP is served");
        }
        if (settings.get(Options.ENABLE_TLS).isEmpty()) {
            for (Option<Path> option : List.of(Options.UPSTREAM_CA_PATH, Options.UPSTREAM_CERT_PATH)) {
                if (settings.find(option).isPresent()) {
                    logger().warn(
                                    "-{} is set and -enable-tls is not: engines are reached over plain HTTP",
                                    option.name());
                }
            }
        }
        if (settings.get(Options.CONNECTOR).name().equals("lmcache")) {
            logger().warn("-connector=lmcache is deprecated: write nixl");
        }
    }

    /** Not a field: no logger may exist before the log has been set up. */
    private static Logger logger() {
        return LoggerFactory.getLogger(Main.class);
    }

    static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("development");
    }
}
