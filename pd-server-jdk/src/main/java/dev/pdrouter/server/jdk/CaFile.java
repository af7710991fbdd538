package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A file of the certificates of those who are trusted to sign others.
 *
 * @param path the file
 */
record CaFile(Path path) implements PemFiles<X509ExtendedTrustManager> {

    @Override
    public X509ExtendedTrustManager read() throws IOException, GeneralSecurityException {
        try {
            return trusting(Certificates.read(Pem.parse(PemFiles.text(path))));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("damaged PEM", e);
        }
    }

    @Override
    public List<Object> stamp() {
        return PemFiles.stamp(path);
    }

    private static X509ExtendedTrustManager trusting(List<X509Certificate> authorities)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("ca-" + i, authorities.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager found) {
                return found;
            }
        }
        throw new GeneralSecurityException("this JVM cannot check certificates");
    }
}
