package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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

    /** A value that differs when the files have changed. */
    List<Object> stamp();

    /**
     * A value that differs when a file has changed. Kubernetes replaces the folder that its files are links into, so where they lead is a
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

    /**
     * The text of a file.
     *
     * @throws IOException when it cannot be read; the message says which, and why
     */
    static String text(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + file, e);
        } catch (AccessDeniedException e) {
            throw new IOException(file + " may not be read", e);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not a text", e);
        }
    }
}
