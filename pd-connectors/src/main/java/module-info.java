/** KV connectors, one class each. */
module dev.pdrouter.connectors {
    requires static transitive org.jspecify;
    requires transitive dev.pdrouter.core;

    exports dev.pdrouter.connectors;
}
