/** Engines as strict as the real ones, for tests and demonstrations, and checks for connectors. */
module dev.pdrouter.testkit {
    requires static transitive org.jspecify;
    requires transitive dev.pdrouter.core;
    requires transitive com.fasterxml.jackson.databind;

    exports dev.pdrouter.testkit;
}
