package dev.pdrouter.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What shared-storage and nixl-push send, member by member. */
class SequentialConnectorsTest {

    private static Plan plan(String connector, GenerationApi api, String body) throws Exception {
        return KvConnector.named(connector)
                .plan(new PlanRequest("id-1", api, JsonBody.of(body), Target.parse("p:8000")));
    }

    private static String text(JsonBody body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        body.writeTo(out);
        return out.toString(UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"cache_hit_threshold\":0", ",\"cache_hit_threshold\":0.0"})
    void withoutAThresholdThePrefillerIsFirst(String threshold) throws Exception {
        String client = "{\"messages\" : []" + threshold
                + ",\"max_tokens\":50,\"stream\":true,\"stream_options\":{},\"n\":2,\"stop\":\"x\"}";
        Plan.Sequential plan = (Plan.Sequential) plan("shared-storage", GenerationApi.CHAT, client);
        assertThat(JsonBody.of(text(plan.prefill().body())).count("cache_hit_threshold"))
                .isEqualTo(1);
        String zero = "\"cache_hit_threshold\":0,";
        String withZero = threshold.isEmpty()
                ? client.replaceAll("}$", ",\"cache_hit_threshold\":0}")
                : client.replaceAll("\"cache_hit_threshold\":[0.]+,", zero);
        assertThat(text(plan.decode().body())).isEqualTo(withZero);
        assertThat(text(plan.prefill().body()))
                .contains(
                        "\"max_tokens\":1",
                        "\"max_completion_tokens\":1",
                        "\"stream\":false",
                        "\"n\":2",
                        "\"stop\":\"x\"")
                .contains("\"cache_hit_threshold\":0")
                .doesNotContain("stream_options");
        assertThat(plan.handoff()).isEmpty();
    }

    @Test
    void withAThresholdTheDecoderIsAskedFirst() throws Exception {
        String client = "{\"messages\" : [],\"cache_hit_threshold\":0.80,\"stream\":true}";
        Plan.DecodeFirst plan = (Plan.DecodeFirst) plan("shared-storage", GenerationApi.CHAT, client);
        assertThat(text(plan.decode().body())).isEqualTo(client);
        assertThat(plan.declined().test(JsonBody.of("{\"choices\":[{\"finish_reason\":\"cache_threshold\"}]}")))
                .isTrue();
        assertThat(plan.declined().test(JsonBody.of("{\"choices\":[{\"finish_reason\":\"stop\"}]}")))
                .isFalse();
        assertThat(text(plan.otherwise().decode().body())).isEqualTo(client.replace("0.80", "0"));
        assertThat(text(plan.otherwise().prefill().body()))
                .isEqualTo("{\"messages\" : [],\"cache_hit_threshold\":0,\"stream\":false,"
                        + "\"max_tokens\":1,\"max_completion_tokens\":1}");
    }

    @Test
    void severalSamplesDoNotStopSharedStorage() {
        assertThat(KvConnector.named("shared-storage").bypass(GenerationApi.CHAT, JsonBody.of("{\"n\":2}")))
                .isEmpty();
    }

    @Test
    void nixlPushHandsOverAsNixlDoes() throws Exception {
        for (GenerationApi api : GenerationApi.values()) {
            if (!api.disaggregates() || api == GenerationApi.RESPONSES) {
                continue;
            }
            Plan.Sequential push = (Plan.Sequential) plan("nixl-push", api, "{\"a\":1}");
            Plan.Sequential pull = (Plan.Sequential) plan("nixlv2", api, "{\"a\":1}");
            assertThat(text(push.prefill().body()))
                    .isEqualTo(text(pull.prefill().body()));
            assertThat(text(push.decode().body())).isEqualTo("{\"a\":1}");
            JsonBody answer =
                    JsonBody.of("{\"kv_transfer_params\": { \"tp_size\":1, \"remote_request_id\":\"r\", \"x\":1E2 }}");
            Handoff handoff = push.handoff().orElseThrow().read(answer).orElseThrow();
            assertThat(text(handoff.addTo().apply(push.decode().body())))
                    .contains("\"kv_transfer_params\":{ \"tp_size\":1, \"remote_request_id\":\"r\", \"x\":1E2 }");
        }
    }

    @Test
    void nixlPushGivesBothLegsOfResponsesOneIdInTheBody() throws Exception {
        Plan.Sequential plan = (Plan.Sequential)
                plan("nixl-push", GenerationApi.RESPONSES, "{\"request_id\":\"mine\",\"input\":\"x\"}");
        assertThat(text(plan.prefill().body())).startsWith("{\"request_id\":\"id-1\",\"input\":\"x\",");
        assertThat(text(plan.decode().body())).isEqualTo("{\"request_id\":\"id-1\",\"input\":\"x\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"tp_size\":1}",
                "{\"remote_request_id\":\"r\"}",
                "{\"tp_size\":null,\"remote_request_id\":\"r\"}"
            })
    void aHandoffThatWouldEndTheDecodersEngineIsNotUnderstood(String params) throws Exception {
        Plan.Sequential plan = (Plan.Sequential) plan("nixl-push", GenerationApi.CHAT, "{}");
        JsonBody answer = JsonBody.of("{\"kv_transfer_params\":" + params + "}");
        assertThatThrownBy(() -> plan.handoff().orElseThrow().read(answer)).isInstanceOf(IOException.class);
    }
}
