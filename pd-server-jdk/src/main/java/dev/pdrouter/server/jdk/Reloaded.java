package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is in files, read again when they have changed, which is looked for when it is asked for and at most once a second.
 * What cannot be used is named in one warning, and what was there before it stays.
 *
 * @param <T> what they hold
 */
final class Reloaded<T> implements Supplier<T> {

    private static final Logger LOG = LoggerFactory.getLogger(Reloaded.class);
    private static final long PERIOD = TimeUnit.SECONDS.toNanos(1);

    private final PemFiles<T> files;
    private final LongSupplier clock;
    private final ReentrantLock looking = new ReentrantLock();
    private List<Object> stamp;
    private volatile T current;
    private volatile long looked;

    /**
     * Reads the files for the first time.
     *
     * @param files which
     * @param clock nanoseconds
     * @throws IOException when a file cannot be read
     * @throws GeneralSecurityException when they do not hold that
     */
    Reloaded(PemFiles<T> files, LongSupplier clock) throws IOException, GeneralSecurityException {
        this.files = files;
        this.clock = clock;
        looked = clock.getAsLong();
        stamp = files.stamp();
        current = files.read();
    }

    @Override
    public T get() {
        if (clock.getAsLong() - looked >= PERIOD && looking.tryLock()) {
            try {
                looked = clock.getAsLong();
                look();
            } finally {
                looking.unlock();
            }
        }
        return current;
    }

    /** The stamp is taken before the files are read: one that changes meanwhile is read again next time. */
    private void look() {
        List<Object> found = files.stamp();
        if (found.equals(stamp)) {
            return;
        }
        stamp = found;
        try {
            current = files.read();
            LOG.info("read {} again", files.path());
        } catch (IOException | GeneralSecurityException e) {
            LOG.warn("{} has changed and cannot be used, what was there before stays", files.path(), e);
        }
    }
}
