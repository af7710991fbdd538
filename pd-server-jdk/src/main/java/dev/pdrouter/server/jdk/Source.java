package dev.pdrouter.server.jdk;

/** Where a setting was made; an earlier one goes over a later one. */
enum Source {
    FLAG,
    ENVIRONMENT,
    YAML
}
