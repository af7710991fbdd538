/** Engines as strict as the real ones, for tests and demonstrations. */
module dev.pdrouter.testkit {
    requires static transitive org.jspecify;
    requires transitive com.fasterxml.jackson.databind;

    exports dev.pdrouter.testkit;
}
