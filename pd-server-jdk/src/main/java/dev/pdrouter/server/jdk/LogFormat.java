package dev.pdrouter.server.jdk;

/** How a line of the log is written. */
enum LogFormat {
    TEXT,
    JSON
}
