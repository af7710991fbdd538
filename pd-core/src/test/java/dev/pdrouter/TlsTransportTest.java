package dev.pdrouter;

import static dev.pdrouter.Requests.repeatable;
import static dev.pdrouter.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines behind TLS. */
class TlsTransportTest extends OnEachTransport {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @TempDir
    private static Path folder;

    private static SSLContext context;

    /** A context that shows and trusts a certificate for localhost, and for that name only. */
    @BeforeAll
    static void makeContext() throws Exception {
        Path file = folder.resolve("localhost.p12");
        char[] password = "changeit".toCharArray();
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "engine",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(password))
                .redirectErrorStream(true)
                .start();
        keytool.getInputStream().readAllBytes();
        assertThat(keytool.waitFor()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, password);
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("engine", store.getCertificate("engine"));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, password);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    }

    private static RawEngine engine(RawEngine.Script script) throws IOException {
        return new RawEngine(
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1")), script);
    }

    private static EngineRequest request(RawEngine engine, String host, Body body) {
        return new EngineRequest("POST", new Target(host, engine.target().port()), "/", Requests.headers(), body);
    }

    @Test
    void exchangesShareAConnection() throws Exception {
        String body = "x".repeat(1_000_000);
        try (TransportKind.Running transport = kind.start(context);
                RawEngine engine = engine(peer -> {
                    for (String r = peer.readRequest(); r != null; r = peer.readRequest()) {
                        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
                                + r.substring(r.length() - 1_000_000));
                    }
                })) {
            for (int i = 0; i < 3; i++) {
                assertThat(text(transport.send(request(engine, "localhost", repeatable(body)))))
                        .isEqualTo(body);
            }
            transport.assertConnectionsMade(engine, 1);
        }
    }

    @Test
    void anotherHostsCertificateIsRefusedAndIsNoConnectFailure() throws Exception {
        try (TransportKind.Running transport = kind.start(context);
                RawEngine engine = engine(RawEngine.Peer::readRequest)) {
            assertThatThrownBy(() -> transport.send(request(engine, "127.0.0.1", Body.NONE)))
                    .isInstanceOf(SSLException.class)
                    .isNotInstanceOf(ConnectException.class);
            transport.assertOpenConnections(0);
        }
    }

    @Test
    void anEngineThatDoesNotShakeHandsIsATimeout() throws Exception {
        try (TransportKind.Running transport = kind.start(context, Duration.ofMillis(300));
                RawEngine engine = new RawEngine(
                        new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1")), RawEngine.Peer::awaitEnd)) {
            assertThatThrownBy(() -> transport.send(request(engine, "localhost", Body.NONE)))
                    .isInstanceOf(SocketTimeoutException.class);
            engine.awaitConnectionEnd();
        }
    }

    @Test
    void anInterruptDropsTheConnection() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        try (TransportKind.Running transport = kind.start(context);
                RawEngine engine = engine(peer -> {
                    peer.readRequest();
                    reached.countDown();
                    peer.awaitEnd();
                })) {
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread thread = Thread.ofVirtual().start(() -> {
                try {
                    transport.send(request(engine, "localhost", Body.NONE));
                } catch (Throwable e) {
                    thrown.complete(e);
                }
            });
            reached.await();
            thread.interrupt();
            assertThat(thrown.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
            engine.awaitConnectionEnd();
            transport.assertOpenConnections(0);
        }
    }

    @Test
    void closingAnAnswerEarlyDropsTheConnection() throws Exception {
        try (TransportKind.Running transport = kind.start(context);
                RawEngine engine = engine(peer -> {
                    peer.readRequest();
                    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
                    peer.awaitEnd();
                })) {
            EngineResponse answer = transport.send(request(engine, "localhost", Body.NONE));
            assertThat(answer.body().read()).isEqualTo('x');
            answer.close();
            engine.awaitConnectionEnd();
        }
    }

    @Test
    void aConnectionThatWasClosedWhileIdleIsReplacedAndALivingOneServes() throws Exception {
        AtomicLong now = new AtomicLong(System.nanoTime());
        try (SocketTransport transport =
                        SocketTransport.builder().tls(context).clock(now::get).build();
                RawEngine closing = engine(peer -> {
                    peer.readRequest();
                    peer.write(OK);
                });
                RawEngine living = engine(peer -> {
                    while (peer.readRequest() != null) {
                        peer.write(OK);
                    }
                })) {
            for (int i = 0; i < 3; i++) {
                assertThat(text(transport.send(request(closing, "localhost", repeatable("{}")))))
                        .isEqualTo("ok");
                closing.awaitConnectionEnd();
                assertThat(text(transport.send(request(living, "localhost", repeatable("{}")))))
                        .isEqualTo("ok");
                now.addAndGet(2_000_000_000L);
            }
            assertThat(closing.connections()).isEqualTo(3);
            assertThat(living.connections()).isEqualTo(1);
        }
    }
}
