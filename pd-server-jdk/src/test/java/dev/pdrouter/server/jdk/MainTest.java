package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class MainTest {

    private static void refuses(String line, String... arguments) throws IOException, InterruptedException {
        try (Launched launched = Launched.with(arguments)) {
            assertThat(launched.stderr()).containsExactly(line);
            assertThat(launched.stdout()).isEmpty();
            assertThat(launched.exitStatus()).isEqualTo(2);
        }
    }

    @Test
    void helpGoesToStdoutAndExits0() throws IOException, InterruptedException {
        try (Launched launched = Launched.with("--help")) {
            assertThat(launched.stdout())
                    .containsExactlyElementsOf(HelpText.text().lines().toList());
            assertThat(launched.stderr()).isEmpty();
            assertThat(launched.exitStatus()).isZero();
        }
    }

    @Test
    void versionGoesToStdoutAndExits0() throws IOException, InterruptedException {
        try (Launched launched = Launched.with("-version")) {
            assertThat(launched.stdout()).singleElement().asString().startsWith("pd-router ");
            assertThat(launched.exitStatus()).isZero();
        }
    }

    @Test
    void aBadOptionIsOneLineAndStatus2() throws IOException, InterruptedException {
        refuses("pd-router: -port=x: expected a whole number, from 0 to 65535", "-connector=test", "-port=x");
    }

    @Test
    void aPortInUseIsOneLineAndStatus2() throws IOException, InterruptedException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            refuses(
                    "pd-router: -port=" + port + " -bind=127.0.0.1: cannot listen there: Address already in use",
                    "-connector=test",
                    "-bind=127.0.0.1",
                    "-port=" + port);
        }
    }

    @Test
    void aMetricsPortInUseIsOneLineAndStatus2() throws IOException, InterruptedException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            refuses(
                    "pd-router: -metrics-port=" + port
                            + " -bind=127.0.0.1: cannot listen there: Address already in use",
                    "-connector=test",
                    "-bind=127.0.0.1",
                    "-port=0",
                    "-metrics-port=" + port);
        }
        refuses(
                "pd-router: -metrics-port=8000: expected another port than that of -port",
                "-connector=test",
                "-metrics-port=8000");
    }

    @Test
    void anUnreadableFileIsOneLineAndStatus2() throws IOException, InterruptedException {
        refuses(
                "pd-router: -configuration-file=/nosuch.yaml: there is no such file",
                "-connector=test",
                "-configuration-file=/nosuch.yaml");
        refuses(
                "pd-router: -cert-path=/nosuch: expected tls.crt and tls.key: there is no file /nosuch/tls.crt",
                "-connector=test",
                "-secure-proxy",
                "-cert-path=/nosuch");
    }

    @Test
    void anErrorAtTheStartIsOneLineAndStatus1() throws IOException, InterruptedException {
        try (Launched launched =
                Launched.withProperty("prometheus.config=/nosuch", "-connector=test", "-port=0", "-metrics-port=1")) {
            assertThat(launched.stderr())
                    .singleElement()
                    .asString()
                    .startsWith("pd-router: cannot start: ")
                    .contains("/nosuch");
            assertThat(launched.exitStatus()).isEqualTo(1);
        }
    }

    @Test
    void filesOfTlsThatCannotBeUsedAreOneLineAndStatus2() throws IOException, InterruptedException {
        refuses(
                "pd-router: -client-ca-path=/nosuch: expected -secure-proxy too: clients show certificates over TLS only",
                "-connector=test",
                "-client-ca-path=/nosuch");
        refuses(
                "pd-router: -client-ca-path=/nosuch: expected a file of certificates in PEM: there is no file /nosuch",
                "-connector=test",
                "-secure-proxy",
                "-client-ca-path=/nosuch");
        refuses(
                "pd-router: -upstream-cert-path=/nosuch: expected tls.crt and tls.key: there is no file /nosuch/tls.crt",
                "-connector=test",
                "-enable-tls=decoder",
                "-upstream-cert-path=/nosuch");
        refuses(
                "pd-router: -upstream-ca-path=/dev/null: expected a file of certificates in PEM: there is no certificate in it",
                "-connector=test",
                "-enable-tls=decoder",
                "-upstream-ca-path=/dev/null");
    }

    @Test
    void atTraceNoQueryIsLogged() throws Exception {
        try (Launched launched = Launched.with("-connector=test", "-port=0", "-bind=127.0.0.1", "-log-level=trace")) {
            try (RawClient client = new RawClient(launched.awaitPort())) {
                client.ask("GET /v1/models?key=secret HTTP/1.1\r\nHost: r\r\n\r\n");
            }
            launched.process.toHandle().destroy();
            assertThat(launched.stderr()).isNotEmpty().noneMatch(line -> line.contains("secret"));
        }
    }

    @Test
    void itListensAndWarnsInItsLog() throws IOException {
        try (Launched launched = Launched.with(
                "-connector=test",
                "-port=0",
                "-bind=127.0.0.1",
                "-decoder-use-tls",
                "-log-format=json",
                "-vmodule=x")) {
            assertThat(launched.awaitLine("deprecated"))
                    .startsWith("{\"ts\":\"")
                    .contains("\"level\":\"warn\"");
            launched.awaitLine("without effect, the log goes to stderr: -vmodule");
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), launched.awaitPort())) {
                assertThat(client.isConnected()).isTrue();
            }
        }
    }
}
