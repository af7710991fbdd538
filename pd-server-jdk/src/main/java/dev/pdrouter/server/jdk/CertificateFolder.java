package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.util.List;

/**
 * A folder of {@code tls.crt} and {@code tls.key}, as Kubernetes mounts a TLS secret.
 *
 * @param path the folder
 */
record CertificateFolder(Path path) {

    /** Reads both files. */
    Identity read() throws IOException, GeneralSecurityException {
        try {
            return Identity.read(Files.readString(certificate()), Files.readString(key()));
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + e.getFile(), e);
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("damaged PEM", e);
        }
    }

    /**
     * What is another when the files are. Kubernetes replaces the folder that the files are links into, so where they
     * lead is a part of it.
     */
    List<Object> stamp() {
        return List.of(stamp(certificate()), stamp(key()));
    }

    private Path certificate() {
        return path.resolve("tls.crt");
    }

    private Path key() {
        return path.resolve("tls.key");
    }

    private static List<Object> stamp(Path file) {
        try {
            Path real = file.toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
            return List.of(
                    real, attributes.lastModifiedTime(), attributes.size(), String.valueOf(attributes.fileKey()));
        } catch (IOException e) {
            return List.of();
        }
    }
}
