package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pdrouter.testkit.Engine;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates on both sides, as the launcher is told of them. */
class MutualTlsLaunchedTest {

    @TempDir
    private static Path folder;

    private static Path ca;
    private static Path otherCa;
    private static Path ours;
    private static Path stranger;
    private static Identity known;
    private static Identity unknown;

    @BeforeAll
    static void sign() throws Exception {
        Authority one = new Authority(folder, "one");
        Authority other = new Authority(folder, "other");
        ca = Files.writeString(folder.resolve("one.crt"), one.certificate());
        otherCa = Files.writeString(folder.resolve("other.crt"), other.certificate());
        known = one.sign("known");
        unknown = other.sign("unknown");
        ours = Authority.folder(folder, "ours", known);
        stranger = Authority.folder(folder, "stranger", unknown);
    }

    private static Launched behindTls(Engine decoder) throws IOException {
        return behindTls(decoder, ca);
    }

    private static Launched behindTls(Engine decoder, Path clients) throws IOException {
        return Launched.with(
                "-port=0",
                "-bind=127.0.0.1",
                "-decoder-host=127.0.0.1",
                "-vllm-port=" + decoder.port(),
                "-connector=nixlv2",
                "-secure-proxy",
                "-cert-path=" + ours,
                "-client-ca-path=" + clients);
    }

    private static Launched before(int decoder, Path shown, Path trusted) throws IOException {
        return Launched.with(
                "-port=0",
                "-bind=127.0.0.1",
                "-decoder-host=127.0.0.1",
                "-vllm-port=" + decoder,
                "-connector=nixlv2",
                "-enable-tls=decoder",
                "-upstream-cert-path=" + shown,
                "-upstream-ca-path=" + trusted);
    }

    private static SSLContext context(@Nullable Identity shown) throws Exception {
        KeyManager[] keys = shown == null ? null : new KeyManager[] {new IdentityKeyManager(() -> shown)};
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {new CaFile(ca).read()}, null);
        return context;
    }

    private static int get(int port, SSLContext tls) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newBuilder().sslContext(tls).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/v1/models"))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        }
    }

    @Test
    void onlyClientsWithACertificateOfTheCaAreServed() throws Exception {
        try (Engine decoder = Engine.start(Stack.ANSWERS);
                Launched launched = behindTls(decoder)) {
            int port = launched.awaitPort();
            assertThat(get(port, context(known))).isEqualTo(200);
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> get(port, context(null)));
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> get(port, context(unknown)));
            assertThat(decoder.calls()).hasSize(1);
        }
    }

    @Test
    void whoseCaWasTakenAwayIsNotServedAgainOverAnEarlierSession() throws Exception {
        Path changing = Files.copy(ca, folder.resolve("changing.crt"));
        SSLContext session = context(known);
        try (Engine decoder = Engine.start(Stack.ANSWERS);
                Launched launched = behindTls(decoder, changing)) {
            int port = launched.awaitPort();
            assertThat(get(port, session)).isEqualTo(200);
            Files.copy(otherCa, changing, StandardCopyOption.REPLACE_EXISTING);
            long end = System.nanoTime() + 10_000_000_000L;
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> {
                while (System.nanoTime() < end) {
                    get(port, session);
                }
            });
            assertThat(get(port, context(unknown))).isEqualTo(200);
        }
    }

    @Test
    void anEngineIsShownOurCertificateAndItsOwnIsOfTheCa() throws Exception {
        try (Engine decoder = Engine.start(Stack.ANSWERS);
                Launched engine = behindTls(decoder);
                Launched router = before(engine.awaitPort(), ours, ca);
                RawClient asking = new RawClient(router.awaitPort())) {
            assertThat(asking.ask("GET /v1/models HTTP/1.1\r\nHost: r\r\n\r\n").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void anEngineThatIsNotOfTheCaOrDoesNotKnowUsIsA502() throws Exception {
        try (Engine decoder = Engine.start(Stack.ANSWERS);
                Launched engine = behindTls(decoder)) {
            int port = engine.awaitPort();
            try (Launched distrusting = before(port, ours, otherCa);
                    RawClient asking = new RawClient(distrusting.awaitPort())) {
                assertThat(asking.ask("GET /v1/models HTTP/1.1\r\nHost: r\r\n\r\n")
                                .status())
                        .isEqualTo(502);
            }
            try (Launched unheardOf = before(port, stranger, ca);
                    RawClient asking = new RawClient(unheardOf.awaitPort())) {
                assertThat(asking.ask("GET /v1/models HTTP/1.1\r\nHost: r\r\n\r\n")
                                .status())
                        .isEqualTo(502);
            }
            assertThat(decoder.calls()).isEmpty();
        }
    }
}
