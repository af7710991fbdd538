package dev.pdrouter.server.jdk;

/** The JDK server's switches, which it reads once, when its first class is loaded. What the user set stays. */
final class ServerProperties {

    private ServerProperties() {}

    static void set() {
        // Another provider on the class path would otherwise be taken without a word.
        set("com.sun.net.httpserver.HttpServerProvider", "sun.net.httpserver.DefaultHttpServerProvider");
        // Else Nagle holds each event of a stream back for the acknowledgement of the one before.
        set("sun.net.httpserver.nodelay", "true");
        // The default of 200 closes connections that a gateway's pool counts on.
        set("sun.net.httpserver.maxIdleConnections", "100000");
        // What is read of a refused body so that the client gets to see the answer.
        set("sun.net.httpserver.drainAmount", String.valueOf(16 * 1024 * 1024));
    }

    private static void set(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
