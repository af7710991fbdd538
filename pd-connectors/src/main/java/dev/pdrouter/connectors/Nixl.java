package dev.pdrouter.connectors;

/** Written by somebody else at the moment. */
final class Nixl {
    private Nixl() {}
}
