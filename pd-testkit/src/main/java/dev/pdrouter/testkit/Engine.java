package dev.pdrouter.testkit;

/** Written by somebody else at the moment. */
final class Engine {
    private Engine() {}
}
