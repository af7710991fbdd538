package dev.pdrouter.server.jdk;

/** A part of the table of options, as help and documentation show it. */
enum Section {
    WHERE("Where and what"),
    FAILURE("When a leg fails"),
    LIMITS("Limits and lifecycle"),
    SECURITY("Security"),
    SEEING("Seeing"),
    CONNECTORS("Connectors"),
    LOG("Log"),
    /** Flags that Go's klog adds to the original; its manifests carry some of them. */
    KLOG("Without effect here: klog's own");

    final String title;

    Section(String title) {
        this.title = title;
    }
}
