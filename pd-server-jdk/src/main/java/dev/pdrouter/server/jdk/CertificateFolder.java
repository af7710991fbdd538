package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;

/**
 * A folder of {@code tls.crt} and {@code tls.key}, as Kubernetes mounts a TLS secret.
 *
 * @param path the folder
 */
record CertificateFolder(Path path) implements PemFiles<Identity> {

    @Override
    public Identity read() throws IOException, GeneralSecurityException {
        try {
            return Identity.read(PemFiles.text(certificate()), PemFiles.text(key()));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("damaged PEM", e);
        }
    }

    @Override
    public List<Object> stamp() {
        return List.of(PemFiles.stamp(certificate()), PemFiles.stamp(key()));
    }

    private Path certificate() {
        return path.resolve("tls.crt");
    }

    private Path key() {
        return path.resolve("tls.key");
    }
}
