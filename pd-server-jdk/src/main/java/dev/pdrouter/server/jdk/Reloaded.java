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
 * The identity in a folder, read again when its files have changed, which is looked for when it is asked for and at most
 * once a second. What cannot be used is named in one warning, and the identity before it stays.
 */
final class ReloadedIdentity implements Supplier<Identity> {

    private static final Logger LOG = LoggerFactory.getLogger(ReloadedIdentity.class);
    private static final long PERIOD = TimeUnit.SECONDS.toNanos(1);

    private final CertificateFolder folder;
    private final LongSupplier clock;
    private final ReentrantLock looking = new ReentrantLock();
    private List<Object> stamp;
    private volatile Identity current;
    private volatile long looked;

    /**
     * Reads the folder for the first time.
     *
     * @param folder the folder
     * @param clock nanoseconds
     * @throws IOException when a file cannot be read
     * @throws GeneralSecurityException when they are no identity
     */
    ReloadedIdentity(CertificateFolder folder, LongSupplier clock) throws IOException, GeneralSecurityException {
        this.folder = folder;
        this.clock = clock;
        looked = clock.getAsLong();
        stamp = folder.stamp();
        current = folder.read();
    }

    @Override
    public Identity get() {
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
        List<Object> found = folder.stamp();
        if (found.equals(stamp)) {
            return;
        }
        stamp = found;
        try {
            current = folder.read();
            LOG.info("read the certificate in {} again", folder.path());
        } catch (IOException | GeneralSecurityException e) {
            LOG.warn("the certificate in {} has changed and cannot be used, the one before stays", folder.path(), e);
        }
    }
}
