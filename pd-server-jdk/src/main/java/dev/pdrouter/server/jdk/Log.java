package dev.pdrouter.server.jdk;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The process's log: one line a record, to stderr. */
final class Log {

    /** Loggers are held weakly by the JDK, levels with them. */
    private static final List<Logger> LOGGERS =
            List.of(Logger.getLogger(""), Logger.getLogger("dev.pdrouter"), Logger.getLogger("com.sun.net.httpserver"));

    private Log() {}

    /**
     * Sets the log up.
     *
     * @param level how much of ours; of the libraries, at most what {@code info} has, unless it is {@code trace}
     * @param format how
     */
    static void configure(LogLevel level, LogFormat format) {
        Logger root = LOGGERS.get(0);
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.addHandler(new ToStderr(LogLine.of(format, level)));
        root.setLevel(level == LogLevel.DEBUG ? Level.INFO : level.level);
        LOGGERS.get(1).setLevel(level.level);
        LOGGERS.get(2).setLevel(Level.INFO); // the JDK's server would log request lines, in which there may be keys
    }

    /** Writes each record at once and in one piece, so that lines of several threads do not mix. */
    private static final class ToStderr extends Handler {

        private final OutputStream stderr = new FileOutputStream(FileDescriptor.err);

        ToStderr(Formatter formatter) {
            setFormatter(formatter);
        }

        @Override
        public void publish(LogRecord line) {
            if (isLoggable(line)) {
                try {
                    stderr.write(getFormatter().format(line).getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    // Nobody reads the log any more; requests go on.
                }
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
