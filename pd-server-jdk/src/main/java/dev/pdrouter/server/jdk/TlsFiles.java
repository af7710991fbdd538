package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** What options that name files of TLS stand for, in the form that an {@code SSLContext} takes. */
final class TlsFiles {

    private TlsFiles() {}

    /**
     * Reads a folder of {@code tls.crt} and {@code tls.key}.
     *
     * @return null when the option is not set
     * @throws BadSetting when the folder cannot be used
     */
    static KeyManager @Nullable [] identity(Settings settings, Option<Path> option) throws BadSetting {
        Optional<Reloaded<Identity>> identity =
                read(settings, option, CertificateFolder::new, "expected tls.crt and tls.key");
        return identity.isEmpty() ? null : new KeyManager[] {new IdentityKeyManager(identity.get())};
    }

    /**
     * Reads a file of certificates.
     *
     * @return empty when the option is not set
     * @throws BadSetting when the file cannot be used
     */
    static Optional<Reloaded<X509ExtendedTrustManager>> authorities(Settings settings, Option<Path> option)
            throws BadSetting {
        return read(settings, option, CaFile::new, "expected a file of certificates in PEM");
    }

    /**
     * Makes a context.
     *
     * @param ours shows others who we are; null for nobody
     * @param trusted checks who they are; empty for what the system trusts
     * @throws GeneralSecurityException when the JDK lacks the algorithms
     */
    static SSLContext context(KeyManager @Nullable [] ours, Optional<Reloaded<X509ExtendedTrustManager>> trusted)
            throws GeneralSecurityException {
        if (trusted.isPresent()) {
            return CurrentContext.of(ours, trusted.get());
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(ours, null, null);
        return context;
    }

    private static <T> Optional<Reloaded<T>> read(
            Settings settings, Option<Path> option, Function<Path, PemFiles<T>> files, String expected)
            throws BadSetting {
        Optional<Path> path = settings.find(option);
        if (path.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Reloaded<>(files.apply(path.get()), System::nanoTime));
        } catch (IOException | GeneralSecurityException e) {
            String reason = BadSetting.shown(String.valueOf(e.getMessage()));
            throw BadSetting.of("-" + option.name() + "=" + path.get(), expected + ": " + reason);
        }
    }
}
