package dev.pdrouter.server.jdk;

import java.util.Map;

/**
 * How the JDK's HTTP server is set: by system properties, which it reads once, when its first class is loaded. One that
 * was set on the JVM's command line stays.
 */
final class ServerProperties {

    /** More than {@link RequestCheck} lets through, so that it is there that too much is refused, and not without a word. */
    private static final int HEADERS = 4096;

    private static final int HEADER_BYTES = 2 * 1024 * 1024;

    private static final Map<String, String> VALUES = Map.of(
            // Else any library that brings a server of its own becomes "the JDK's".
            "com.sun.net.httpserver.HttpServerProvider", "sun.net.httpserver.DefaultHttpServerProvider",
            // Each token is a small packet that Nagle's algorithm would hold back.
            "sun.net.httpserver.nodelay", "true",
            // Gateways keep many connections; whichever end closes an idle one first loses no request if it is theirs,
            // so ours stay longer than their usual 60 to 90 seconds.
            "sun.net.httpserver.maxIdleConnections", "16384",
            "sun.net.httpserver.idleInterval", "300",
            "sun.net.httpserver.maxReqHeaders", String.valueOf(HEADERS),
            "sun.net.httpserver.maxReqHeaderSize", String.valueOf(HEADER_BYTES),
            // What is read of a refused body so that the client gets to see the answer.
            "sun.net.httpserver.drainAmount", String.valueOf(16 * 1024 * 1024));

    private ServerProperties() {}

    static void set() {
        VALUES.forEach(ServerProperties::set);
    }

    /** For a process that is a sidecar and nothing else, before its first virtual thread waits for a socket. */
    static void setForTheProcess() {
        set();
        // A thread that waits in epoll for all others wakes one with fewer hand-overs than the default, a virtual one.
        set("jdk.pollerMode", "1");
    }

    private static void set(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
