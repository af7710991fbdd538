package dev.pdrouter.server.jdk;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards engines.
 *
 * @param ours shows engines who we are; null for nobody
 * @param trusted checks who engines are; empty for what the system trusts
 */
record EngineTls(KeyManager @Nullable [] ours, Optional<Reloaded<X509ExtendedTrustManager>> trusted) {

    /** What the JVM does by itself. */
    static final EngineTls OF_THE_SYSTEM = new EngineTls(null, Optional.empty());

    /**
     * Reads what the settings name.
     *
     * @throws BadSetting when a file cannot be used
     */
    static EngineTls of(Settings settings) throws BadSetting {
        return new EngineTls(
                TlsFiles.identity(settings, Options.UPSTREAM_CERT_PATH),
                TlsFiles.authorities(settings, Options.UPSTREAM_CA_PATH));
    }

    /** The context that trusts what the system trusts, or those that were named in its place. */
    SSLContext checked() throws GeneralSecurityException {
        return ours == null && trusted.isEmpty() ? SSLContext.getDefault() : TlsFiles.context(ours, trusted);
    }

    /** The context that trusts anybody. */
    SSLContext unchecked() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(ours, new TrustManager[] {new TrustsAnybody()}, null);
        return context;
    }

    /** An extended one because the JDK wraps any other in one that still checks the host name. */
    private static final class TrustsAnybody extends X509ExtendedTrustManager {

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
