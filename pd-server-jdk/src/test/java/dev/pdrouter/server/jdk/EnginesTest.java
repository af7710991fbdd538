package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.Arrivals;
import dev.pdrouter.Body;
import dev.pdrouter.EngineRequest;
import dev.pdrouter.EngineResponse;
import dev.pdrouter.SocketTransport;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.testkit.Engine;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The transports that the settings describe. */
class EnginesTest {

    private static final Map<String, String> NONE = Map.of();

    /** As many connections at once as there are exchanges, all idle then; and so again. */
    private static int connections(Settings settings, int exchanges) throws Exception {
        try (Engine engine = Engine.start(Stack.ANSWERS);
                Engines engines = Engines.of(settings, Arrivals.NONE)) {
            SocketTransport transport = engines.stages().get(Stage.PREFILL);
            EngineRequest request = new EngineRequest(
                    "GET", Target.parse(engine.address()), "/", HttpHeaders.of(Map.of(), (n, v) -> true), Body.NONE);
            for (int round = 0; round < 2; round++) {
                List<EngineResponse> answers = new ArrayList<>();
                for (int i = 0; i < exchanges; i++) {
                    answers.add(transport.send(request));
                }
                for (EngineResponse answer : answers) {
                    answer.body().readAllBytes();
                    answer.close();
                }
            }
            return engine.acceptedConnections();
        }
    }

    @ParameterizedTest
    @CsvSource({"-max-idle-conns-per-host=3, 17", "-max-idle-conns-per-host=1, 19", "-max-idle-conns-per-host=0, 10"})
    void soManyIdleConnectionsAreKeptAnd0IsNoLimit(String flag, int connections) throws Exception {
        assertThat(connections(SettingsTest.read(NONE, flag), 10)).isEqualTo(connections);
    }

    @Test
    void noLimitIsSpelled0InEverySource() throws Exception {
        Settings variable = SettingsTest.read(Map.of("PD_MAX_IDLE_CONNS_PER_HOST", "0"));
        Settings yaml = SettingsTest.read(NONE, "-configuration={max-idle-conns-per-host: 0}");
        for (Settings settings : List.of(variable, yaml)) {
            assertThat(connections(settings, 2)).isEqualTo(2);
        }
    }
}
