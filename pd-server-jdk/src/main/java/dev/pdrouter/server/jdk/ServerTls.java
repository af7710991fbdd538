package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;

/** TLS towards clients. */
final class ServerTls {

    private ServerTls() {}

    /**
     * Makes the context of {@code secure-proxy}.
     *
     * @param settings for the folder of certificates; self-signed without one
     * @param environment for our own names
     * @return the context
     * @throws BadSetting when the folder cannot be used
     * @throws GeneralSecurityException when the JDK lacks the algorithms
     */
    static SSLContext of(Settings settings, Map<String, String> environment)
            throws BadSetting, GeneralSecurityException {
        Optional<Path> folder = settings.find(Options.CERT_PATH);
        if (folder.isEmpty()) {
            Identity identity = SelfSigned.create(SelfSigned.ownNames(environment));
            return context(() -> identity);
        }
        try {
            return context(new ReloadedIdentity(new CertificateFolder(folder.get()), System::nanoTime));
        } catch (IOException | GeneralSecurityException e) {
            String reason = BadSetting.shown(String.valueOf(e.getMessage()));
            throw BadSetting.of("-cert-path=" + folder.get(), "expected tls.crt and tls.key: " + reason);
        }
    }

    static SSLContext context(Supplier<Identity> identity) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {new IdentityKeyManager(identity)}, null, null);
        return context;
    }
}
