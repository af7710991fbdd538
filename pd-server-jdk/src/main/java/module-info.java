/** The standalone sidecar on the JDK's HTTP server. */
module dev.pdrouter.server.jdk {
    requires static transitive org.jspecify;
    requires transitive dev.pdrouter.core;
    requires dev.pdrouter.connectors;
    requires jdk.httpserver;
    requires java.logging;
    requires org.slf4j;

    exports dev.pdrouter.server.jdk;
}
