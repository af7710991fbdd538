package dev.pdrouter.server.jdk;

import java.util.logging.Level;

/** How much is logged: each of these and what stands before it. */
enum LogLevel {
    ERROR(Level.SEVERE),
    WARN(Level.WARNING),
    INFO(Level.INFO),
    DEBUG(Level.FINE),
    TRACE(Level.FINEST);

    /** The level that SLF4J's binding to java.util.logging uses for it. */
    final Level level;

    LogLevel(Level level) {
        this.level = level;
    }

    /**
     * The level for a verbosity of Go's klog and zap, where 4 is debug and 5 trace.
     *
     * @param verbosity any number
     * @return the level
     */
    static LogLevel ofVerbosity(int verbosity) {
        return verbosity <= 3 ? INFO : verbosity == 4 ? DEBUG : TRACE;
    }

    /**
     * The name of a record's level.
     *
     * @param level of a record
     * @return the one that covers it
     */
    static LogLevel of(Level level) {
        for (LogLevel candidate : values()) {
            if (level.intValue() >= candidate.level.intValue()) {
                return candidate;
            }
        }
        return TRACE;
    }
}
