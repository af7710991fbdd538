package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadedTest {

    @TempDir
    private Path folder;

    private final AtomicLong clock = new AtomicLong();
    private Identity first;
    private Identity second;

    @BeforeEach
    void twoIdentities() throws GeneralSecurityException {
        first = SelfSigned.create(Set.of("first"));
        second = SelfSigned.create(Set.of("second"));
    }

    /** As Kubernetes mounts a secret: the files are links through a link that is replaced at once. */
    private void mount(String version, Identity certificate, Identity key)
            throws IOException, GeneralSecurityException {
        Path real = Files.createDirectory(folder.resolve(version));
        Files.writeString(real.resolve("tls.crt"), Keys.certificate(certificate));
        Files.writeString(real.resolve("tls.key"), Keys.key(key));
        Path fresh = Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of(version));
        Files.move(
                fresh, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        for (String file : new String[] {"tls.crt", "tls.key"}) {
            if (!Files.exists(folder.resolve(file))) {
                Files.createSymbolicLink(folder.resolve(file), Path.of("..data", file));
            }
        }
    }

    private Reloaded<Identity> watched() throws IOException, GeneralSecurityException {
        return new Reloaded<>(new CertificateFolder(folder), clock::get);
    }

    private void aSecondPasses() {
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void aReplacedFolderIsReadAgain() throws IOException, GeneralSecurityException {
        mount("one", first, first);
        Reloaded<Identity> identity = watched();
        assertThat(identity.get().chain()).isEqualTo(first.chain());
        mount("two", second, second);
        assertThat(identity.get().chain()).as("not looked for again so soon").isEqualTo(first.chain());
        aSecondPasses();
        assertThat(identity.get().chain()).isEqualTo(second.chain());
    }

    @Test
    void whatDoesNotBelongTogetherIsNotUsedUntilItDoes() throws IOException, GeneralSecurityException {
        mount("one", first, first);
        Reloaded<Identity> identity = watched();
        mount("two", second, first);
        aSecondPasses();
        assertThat(identity.get().chain()).isEqualTo(first.chain());
        Files.writeString(folder.resolve("tls.key"), Keys.key(second) + "\n");
        aSecondPasses();
        assertThat(identity.get().chain()).isEqualTo(second.chain());
    }

    @Test
    void filesThatVanishLeaveTheIdentityAsItWas() throws IOException, GeneralSecurityException {
        mount("one", first, first);
        Reloaded<Identity> identity = watched();
        Files.delete(folder.resolve("..data"));
        aSecondPasses();
        assertThat(identity.get().chain()).isEqualTo(first.chain());
    }

    @Test
    void aFirstPairThatDoesNotBelongTogetherIsRefused() throws IOException, GeneralSecurityException {
        mount("one", first, second);
        assertThatExceptionOfType(GeneralSecurityException.class)
                .isThrownBy(this::watched)
                .withMessage("the private key is not the certificate's");
    }
}
