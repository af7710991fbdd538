package dev.pdrouter.server.jdk;

import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A context that is a new one, without the sessions of the one before, when those who are trusted have changed: whoever
 * resumes a session is not checked again, for a day by the JDK's defaults.
 */
final class CurrentContext extends SSLContext {

    private CurrentContext(SSLContext first, Supplier<SSLContext> current) {
        super(new Current(current), first.getProvider(), first.getProtocol());
    }

    /**
     * Makes one.
     *
     * @param ours shows others who we are; null for nobody
     * @param trusted checks who they are; asked at each handshake
     * @throws GeneralSecurityException when the JDK lacks the algorithms
     */
    static SSLContext of(KeyManager @Nullable [] ours, Supplier<X509ExtendedTrustManager> trusted)
            throws GeneralSecurityException {
        Contexts contexts = new Contexts(ours, trusted);
        return new CurrentContext(contexts.get(), contexts);
    }

    /** One for each version of those who are trusted. */
    private static final class Contexts implements Supplier<SSLContext> {

        private final KeyManager @Nullable [] ours;
        private final Supplier<X509ExtendedTrustManager> trusted;
        private volatile Version version;

        private record Version(X509ExtendedTrustManager trusted, SSLContext context) {}

        Contexts(KeyManager @Nullable [] ours, Supplier<X509ExtendedTrustManager> trusted)
                throws GeneralSecurityException {
            this.ours = ours;
            this.trusted = trusted;
            X509ExtendedTrustManager now = trusted.get();
            version = new Version(now, context(ours, now));
        }

        /** Threads that see a new version at the same time make a context each, of which one stays. */
        @Override
        public SSLContext get() {
            X509ExtendedTrustManager now = trusted.get();
            Version last = version;
            if (last.trusted() == now) {
                return last.context();
            }
            try {
                last = new Version(now, context(ours, now));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e); // the first one could be made
            }
            version = last;
            return last.context();
        }

        private static SSLContext context(KeyManager @Nullable [] ours, X509ExtendedTrustManager trusted)
                throws GeneralSecurityException {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(ours, new TrustManager[] {trusted}, null);
            return context;
        }
    }

    private static final class Current extends SSLContextSpi {

        private final Supplier<SSLContext> current;

        Current(Supplier<SSLContext> current) {
            this.current = current;
        }

        @Override
        protected void engineInit(
                KeyManager @Nullable [] keys, TrustManager @Nullable [] trust, @Nullable SecureRandom random)
                throws KeyManagementException {
            throw new KeyManagementException("it is what it is");
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return current.get().getSocketFactory();
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return current.get().getServerSocketFactory();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return current.get().createSSLEngine();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return current.get().createSSLEngine(host, port);
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return current.get().getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return current.get().getClientSessionContext();
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return current.get().getDefaultSSLParameters();
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return current.get().getSupportedSSLParameters();
        }
    }
}
