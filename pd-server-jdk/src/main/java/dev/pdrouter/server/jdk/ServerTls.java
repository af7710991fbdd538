package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS towards clients. */
final class ServerTls {

    private ServerTls() {}

    /**
     * Makes what {@code secure-proxy} serves TLS with.
     *
     * @param settings for our certificate, self-signed without one, and for whose certificates clients must show
     * @param environment for our own names
     * @return how to configure the server
     * @throws BadSetting when a file cannot be used
     * @throws GeneralSecurityException when the JDK lacks the algorithms
     */
    static HttpsConfigurator of(Settings settings, Map<String, String> environment)
            throws BadSetting, GeneralSecurityException {
        KeyManager[] ours = TlsFiles.identity(settings, Options.CERT_PATH);
        if (ours == null) {
            Identity identity = SelfSigned.create(SelfSigned.ownNames(environment));
            ours = new KeyManager[] {new IdentityKeyManager(() -> identity)};
        }
        Optional<Reloaded<X509ExtendedTrustManager>> clients = TlsFiles.authorities(settings, Options.CLIENT_CA_PATH);
        SSLContext context = TlsFiles.context(ours, clients);
        return clients.isEmpty() ? new HttpsConfigurator(context) : new AsksForCertificates(context);
    }

    /** One that shows an identity and asks nobody for theirs. */
    static SSLContext context(Supplier<Identity> identity) throws GeneralSecurityException {
        return TlsFiles.context(new KeyManager[] {new IdentityKeyManager(identity)}, Optional.empty());
    }

    private static final class AsksForCertificates extends HttpsConfigurator {

        AsksForCertificates(SSLContext context) {
            super(context);
        }

        @Override
        public void configure(HttpsParameters connection) {
            SSLParameters parameters = getSSLContext().getDefaultSSLParameters();
            parameters.setNeedClientAuth(true);
            connection.setSSLParameters(parameters);
        }
    }
}
