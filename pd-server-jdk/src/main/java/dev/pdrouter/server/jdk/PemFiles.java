package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.util.List;

/**
 * Files in PEM that may change.
 *
 * @param <T> what they hold
 */
interface PemFiles<T> {

    /** The file, or the folder of several. */
    Path path();

    /**
     * Reads all of them.
     *
     * @throws IOException when one cannot be read; the message says which
     * @throws GeneralSecurityException when they do not hold that
     */
    T read() throws IOException, GeneralSecurityException;

    /** What is another when the files are. */
    List<Object> stamp();

    /**
     * What is another when a file is. Kubernetes replaces the folder that its files are links into, so where they lead is a
     * part of it.
     */
    static List<Object> stamp(Path file) {
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
