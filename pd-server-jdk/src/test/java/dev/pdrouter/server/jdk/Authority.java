package dev.pdrouter.server.jdk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Who signs certificates, by the JDK's keytool. */
final class Authority {

    private static final String PASSWORD = "changeit";

    private final Path store;

    Authority(Path folder, String name) throws IOException, InterruptedException {
        store = folder.resolve(name + ".p12");
        keytool("-genkeypair", "-alias", "ca", "-dname", "CN=" + name, "-ext", "bc:c");
    }

    /** What others trust. */
    String certificate() throws IOException, GeneralSecurityException {
        return Keys.pem("CERTIFICATE", open().getCertificate("ca").getEncoded());
    }

    /** Somebody on this machine, as a server and as a client. */
    Identity sign(String name) throws Exception {
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-signer",
                "ca",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-ext",
                "eku=serverAuth,clientAuth");
        KeyStore opened = open();
        List<X509Certificate> chain = Arrays.stream(opened.getCertificateChain(name))
                .map(X509Certificate.class::cast)
                .toList();
        return new Identity((PrivateKey) opened.getKey(name, PASSWORD.toCharArray()), chain);
    }

    /** A folder as Kubernetes mounts one. */
    static Path folder(Path parent, String name, Identity identity) throws IOException, GeneralSecurityException {
        Path folder = Files.createDirectories(parent.resolve(name));
        StringBuilder chain = new StringBuilder();
        for (X509Certificate certificate : identity.chain()) {
            chain.append(Keys.pem("CERTIFICATE", certificate.getEncoded()));
        }
        Files.writeString(folder.resolve("tls.crt"), chain);
        Files.writeString(folder.resolve("tls.key"), Keys.key(identity));
        return folder;
    }

    private KeyStore open() throws IOException, GeneralSecurityException {
        KeyStore opened = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            opened.load(in, PASSWORD.toCharArray());
        }
        return opened;
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of(
                "-keyalg",
                "EC",
                "-validity",
                "2",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD,
                "-J-XX:TieredStopAtLevel=1"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(said);
        }
    }
}
