/** The standalone sidecar on the JDK's HTTP server. */
@SuppressWarnings("requires-automatic") // Prometheus' jars have names and no descriptors.
module dev.pdrouter.server.jdk {
    requires static transitive org.jspecify;
    requires transitive dev.pdrouter.core;
    requires dev.pdrouter.connectors;
    requires jdk.httpserver;
    requires static java.management;
    requires static jdk.management;
    requires transitive java.logging;
    requires org.slf4j;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.dataformat.yaml;
    requires io.prometheus.metrics.core;
    requires io.prometheus.metrics.model;
    requires io.prometheus.writer.text;

    uses dev.pdrouter.connector.EcConnector;
    uses dev.pdrouter.connector.KvConnector;

    exports dev.pdrouter.server.jdk;
}
