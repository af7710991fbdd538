package dev.pdrouter.server.jdk;

/** Written by somebody else at the moment. */
final class Main {
    private Main() {}
}
