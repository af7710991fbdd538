package dev.pdrouter.examples;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.OptionalInt;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Shows one chat request and one streamed chat request on their way through a prefiller and a decoder, on engines that
 * speak vLLM's JSON and need neither a GPU nor a model; then stays up to be tried by hand.
 *
 * <p>Exit status: 0 when both workers took part in both requests, 1 when not, 2 for an option that is none.
 */
public final class Demo {
    private static final Logger ROUTERS = Logger.getLogger("dev.pdrouter");

    private Demo() {}

    /**
     * Runs it, until Ctrl-C.
     *
     * @param args {@code --once} to end after the two requests, {@code --port} to choose the sidecar's port
     * @throws InterruptedException never, unless embedded
     */
    public static void main(String[] args) throws InterruptedException {
        ROUTERS.setLevel(Level.WARNING);
        DemoOptions options;
        try {
            options = DemoOptions.parse(List.of(args));
        } catch (IllegalArgumentException e) {
            System.err.println("pd-router demo: " + e.getMessage());
            System.exit(2);
            return;
        }
        if (options.help()) {
            System.out.print(DemoOptions.HELP);
            return;
        }
        try (DemoStack stack = DemoStack.start(options.port())) {
            warmUp();
            boolean good = run(stack, System.out);
            if (good && !options.once()) {
                stayUp(stack, System.out);
            }
            System.exit(good ? 0 : 1);
        } catch (IOException e) {
            System.err.println("pd-router demo: " + e.getMessage());
            System.exit(1);
        }
    }

    /** Has classes loaded by engines of no interest, so that the times shown are those of a router that runs. */
    private static void warmUp() throws IOException, InterruptedException {
        try (DemoStack stack = DemoStack.start(OptionalInt.of(0));
                DemoClient client = new DemoClient(stack)) {
            client.streamedChat("warm-up");
        }
    }

    /** Sends the two requests and tells what happened; false when a worker was left out. */
    static boolean run(DemoStack stack, PrintStream out) throws IOException, InterruptedException {
        out.println("PdRouter between two engines that speak vLLM's JSON (made-up words, no model, no GPU)");
        out.println("  prefiller  " + stack.prefiller().address());
        out.println("  decoder    " + stack.decoder().address());
        out.println("  sidecar    " + stack.address());
        try (DemoClient client = new DemoClient(stack)) {
            out.println("\n1. A chat request");
            String answer = client.chat("demo-1");
            stack.journal().awaitEnd("demo-1").print(out);
            out.println("   answer: " + answer);

            out.println("\n2. The same, streamed");
            DemoClient.Streamed streamed = client.streamedChat("demo-2");
            stack.journal().awaitEnd("demo-2").print(out);
            out.println("   answer: " + streamed.text());
            out.printf(
                    "   in %d events, the first after %.0f ms, the last after %.0f ms%n",
                    streamed.events(), streamed.firstMillis(), streamed.lastMillis());
        }
        return new DemoCheck(stack).print(out);
    }

    private static void stayUp(DemoStack stack, PrintStream out) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stack.close();
            // A JVM that a signal ends would report the signal as its exit status.
            Runtime.getRuntime().halt(0);
        }));
        String command = "  curl%s " + stack.address() + "/v1/chat/completions -H 'content-type: application/json' \\%n"
                + "    -H 'x-prefiller-host-port: " + stack.prefiller().address() + "' \\%n"
                + "    -d '{\"model\":\"demo\",%s\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'%n%n";
        out.printf("%nThe three stay up. Try:%n%n" + command + command, "", "", " -N", "\"stream\":true,");
        out.printf("and leave the header out, or break a stream off. Ctrl-C ends it.%n");
        while (true) {
            Timeline next = stack.journal().awaitEnd();
            out.println();
            next.print(out);
        }
    }
}
