package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServerTlsTest {

    private HttpsServer server;

    private int serve(Identity identity) throws IOException, GeneralSecurityException {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(ServerTls.context(() -> identity)));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        return server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    private static int get(SSLContext trusting, String host, int port) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newBuilder().sslContext(trusting).build()) {
            URI uri = URI.create("https://" + host + ":" + port + "/");
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    static SSLContext trusting(X509Certificate certificate) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("it", certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @Test
    void aSelfSignedCertificateServesWhoeverTrustsItByAnyOfItsNames()
            throws IOException, GeneralSecurityException, InterruptedException {
        Identity identity = SelfSigned.create(SelfSigned.ownNames(Map.of("HOSTNAME", "pod-1")));
        int port = serve(identity);
        X509Certificate certificate = identity.chain().get(0);
        assertThat(get(trusting(certificate), "localhost", port)).isEqualTo(204);
        assertThat(get(trusting(certificate), "127.0.0.1", port)).isEqualTo(204);
        assertThat(get(EngineTls.OF_THE_SYSTEM.unchecked(), "localhost", port)).isEqualTo(204);
        assertThatExceptionOfType(SSLHandshakeException.class)
                .isThrownBy(() -> get(EngineTls.OF_THE_SYSTEM.checked(), "localhost", port));
    }

    @Test
    void aSelfSignedCertificateIsForOurNamesAndTenYears() throws GeneralSecurityException {
        Map<String, String> environment = Map.of("POD_IP", "10.1.2.3", "HOSTNAME", "1234");
        X509Certificate certificate =
                SelfSigned.create(SelfSigned.ownNames(environment)).chain().get(0);
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=pd-router");
        assertThat(certificate.getSubjectAlternativeNames().stream().map(name -> String.valueOf(name.get(1))))
                .containsExactly("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", "10.1.2.3", "1234");
        Instant end = certificate.getNotAfter().toInstant();
        assertThat(Duration.between(Instant.now(), end).toDays()).isBetween(3650L, 3653L);
        certificate.verify(certificate.getPublicKey());
    }

    @Test
    void anUncheckedEngineMayHaveAnyName() throws IOException, GeneralSecurityException, InterruptedException {
        Identity identity = SelfSigned.create(Set.of("elsewhere"));
        int port = serve(identity);
        assertThat(get(EngineTls.OF_THE_SYSTEM.unchecked(), "localhost", port)).isEqualTo(204);
        assertThatExceptionOfType(SSLHandshakeException.class)
                .isThrownBy(() -> get(trusting(identity.chain().get(0)), "localhost", port));
    }

    @Test
    void anOlderIdentityStaysAvailableToTheHandshakeThatChoseIt() throws GeneralSecurityException {
        List<Identity> both = List.of(SelfSigned.create(Set.of("a")), SelfSigned.create(Set.of("b")));
        var next = both.iterator();
        IdentityKeyManager manager = new IdentityKeyManager(next::next);
        String first = manager.chooseEngineServerAlias("EC", null, null);
        String second = manager.chooseEngineServerAlias("EC", null, null);
        assertThat(manager.getPrivateKey(first)).isEqualTo(both.get(0).key());
        assertThat(manager.getCertificateChain(second))
                .containsExactlyElementsOf(both.get(1).chain());
    }

    @Test
    void aFolderWithoutTheFilesIsABadSetting() {
        assertThatExceptionOfType(BadSetting.class)
                .isThrownBy(() -> ServerTls.of(SettingsTest.read("-cert-path=/nosuch"), Map.of()))
                .withMessage("-cert-path=/nosuch: expected tls.crt and tls.key: there is no file /nosuch/tls.crt");
    }
}
