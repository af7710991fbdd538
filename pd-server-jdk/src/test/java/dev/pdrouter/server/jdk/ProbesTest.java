package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The port of the probes. */
class ProbesTest {

    private final AtomicBoolean ready = new AtomicBoolean();
    private Probes probes;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        probes = Probes.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), ready::get, new Metrics("1.2.3"));
        client = new RawClient(probes.port());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        probes.close();
    }

    private RawClient.Answer ask(String method, String target) throws Exception {
        return client.ask(method + " " + target + " HTTP/1.1\r\nHost: r\r\n\r\n");
    }

    @Test
    void healthIs200WhetherReadyOrNot() throws Exception {
        assertThat(ask("GET", "/health").status()).isEqualTo(200);
        ready.set(true);
        assertThat(ask("GET", "/health").status()).isEqualTo(200);
    }

    @Test
    void readyIs200OnlyWhileRequestsAreTaken() throws Exception {
        RawClient.Answer before = ask("GET", "/ready");
        assertThat(before.status()).isEqualTo(503);
        assertThat(before.headers()).containsEntry("content-type", "application/json");
        assertThat(before.text()).contains("\"message\":\"not ready");
        ready.set(true);
        assertThat(ask("GET", "/ready?verbose").status()).isEqualTo(200);
        ready.set(false);
        assertThat(ask("GET", "/ready").status()).isEqualTo(503);
    }

    @Test
    void metricsAreAPageForPrometheus() throws Exception {
        RawClient.Answer page = ask("GET", "/metrics");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.headers()).containsEntry("content-type", "text/plain; version=0.0.4; charset=utf-8");
        assertThat(page.text().lines()).contains("pdrouter_build_info{version=\"1.2.3\"} 1");
    }

    @Test
    void headIsAnsweredAsGetWithoutABody() throws Exception {
        assertThat(ask("HEAD", "/ready").status()).isEqualTo(503);
        ready.set(true);
        assertThat(ask("HEAD", "/ready").status()).isEqualTo(200);
        assertThat(ask("HEAD", "/health").status()).isEqualTo(200);
        assertThat(ask("HEAD", "/metrics").status()).isEqualTo(200);
        assertThat(ask("GET", "/health").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/ready", "/metrics"})
    void otherMethodsAreA405ThatNamesThoseAllowed(String path) throws Exception {
        ready.set(true);
        for (String method : new String[] {"POST", "PUT", "DELETE", "OPTIONS"}) {
            RawClient.Answer answer = ask(method, path);
            assertThat(answer.status()).isEqualTo(405);
            assertThat(answer.headers()).containsEntry("allow", "GET, HEAD");
        }
        RawClient.Answer withBody = client.ask("POST " + path + " HTTP/1.1\r\nHost: r\r\nContent-Length: 2\r\n\r\n{}");
        assertThat(withBody.status()).isEqualTo(405);
        assertThat(ask("GET", path).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/metrics/", "/healthz", "/health/", "/v1/models"})
    void otherPathsAreA404ThatSaysWhatThereIs(String path) throws Exception {
        RawClient.Answer answer = ask("GET", path);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.text()).contains("NotFoundError", "/ready", "/metrics");
    }
}
