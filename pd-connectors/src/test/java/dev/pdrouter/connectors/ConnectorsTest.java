package dev.pdrouter.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pdrouter.GenerationApi;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectorsTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String ASK =
            "{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"remote_engine_id\":null,"
                    + "\"remote_block_ids\":null,\"remote_host\":null,\"remote_port\":null}";
    private static final String COORDINATES = "{ \"do_remote_prefill\":true, \"remote_block_ids\":[[432,433]],"
            + "\"remote_engine_id\":\"d28\\u002d\", \"remote_port\":5600, \"new\":1E5,\"new\":-0 }";

    private static Plan.Sequential plan(String connector, GenerationApi api, String body) throws Exception {
        PlanRequest request = new PlanRequest("id", api, JsonBody.of(body), Target.parse("p:8000"));
        return (Plan.Sequential) KvConnector.named(connector).plan(request);
    }

    private static Optional<Handoff> handoff(Plan.Sequential plan, String answer) throws IOException {
        return plan.handoff().orElseThrow().read(JsonBody.of(answer));
    }

    private static String text(JsonBody body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        body.writeTo(out);
        return out.toString(UTF_8);
    }

    private static String prompt(GenerationApi api) {
        return switch (api) {
            case CHAT, MESSAGES -> "\"messages\" : [{\"role\":\"user\",\"content\":\"\\u00e9\"}]";
            case COMPLETIONS -> "\"prompt\" : [1, 2]";
            case RESPONSES -> "\"input\" : \"hi\"";
            default -> "\"token_ids\" : [1, 2], \"sampling_params\" : {\"temperature\":0.10}";
        };
    }

    /** The members that the prefill leg of NIXL has beside the client's, by protocol. */
    private static JsonNode nixlPrefill(GenerationApi api) throws IOException {
        ObjectNode leg =
                (ObjectNode) MAPPER.readTree("{" + prompt(api) + ",\"seed\":9007199254740993,\"stream\":false}");
        leg.set("kv_transfer_params", MAPPER.readTree(ASK));
        switch (api) {
            case CHAT, COMPLETIONS -> leg.put("max_tokens", 1).put("min_tokens", 1);
            case MESSAGES -> leg.put("max_tokens", 1);
            case RESPONSES -> leg.put("max_output_tokens", 1).put("store", false);
            default ->
                leg.withObject("/sampling_params")
                        .put("max_tokens", 1)
                        .put("min_tokens", 1)
                        .withObject("/extra_args")
                        .set("kv_transfer_params", MAPPER.readTree(ASK));
        }
        return leg;
    }

    private static String client(GenerationApi api) {
        return "{" + prompt(api) + ", \"seed\" : 9007199254740993 ,\"stream\":true}";
    }

    @ParameterizedTest
    @EnumSource(names = {"CHAT", "COMPLETIONS", "RESPONSES", "MESSAGES", "GENERATE"})
    void nixlv2AsksThePrefillerToKeepTheBlocks(GenerationApi api) throws Exception {
        Plan.Sequential plan = plan("nixlv2", api, client(api));
        assertThat(MAPPER.readTree(text(plan.prefill().body()))).isEqualTo(nixlPrefill(api));
        assertThat(text(plan.prefill().body())).startsWith("{" + prompt(api).split(", \"sampling")[0]);
        assertThat(plan.prefill().headers()).isEmpty();
        assertThat(text(plan.decode().body())).isEqualTo(client(api));
    }

    @ParameterizedTest
    @EnumSource(names = {"CHAT", "COMPLETIONS", "RESPONSES", "MESSAGES", "GENERATE"})
    void nixlAsksInBothVersions(GenerationApi api) throws Exception {
        Plan.Sequential plan = plan("nixl", api, client(api));
        ObjectNode expected = (ObjectNode) nixlPrefill(api);
        expected.put("do_remote_decode", true);
        assertThat(MAPPER.readTree(text(plan.prefill().body()))).isEqualTo(expected);
        assertThat(text(plan.decode().body())).isEqualTo(client(api));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nixl", "nixlv2"})
    void theHandoffGoesOnAsItIsSpelled(String connector) throws Exception {
        String answer = "{\"id\":\"x\",\"kv_transfer_params\" : " + COORDINATES + "}";
        for (GenerationApi api : GenerationApi.values()) {
            if (!api.disaggregates() || !KvConnector.named(connector).takes(api)) {
                continue;
            }
            Plan.Sequential plan = plan(connector, api, client(api));
            Handoff handoff = handoff(plan, answer).orElseThrow();
            String nested = api == GenerationApi.GENERATE
                    ? client(api).replace("0.10}", "0.10,\"extra_args\":{\"kv_transfer_params\":" + COORDINATES + "}}")
                    : client(api);
            assertThat(text(handoff.addTo().apply(plan.decode().body())))
                    .isEqualTo(nested.replaceAll("}$", "") + ",\"kv_transfer_params\":" + COORDINATES + "}");
            assertThat(handoff.toString()).doesNotContain("d28");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"kv_transfer_params\":null}",
                "{\"kv_transfer_params\":[1]}",
                "{\"kv_transfer_params\":\"x\"}",
                "{\"remote_block_ids\":[1],\"remote_engine_id\":\"e\",\"remote_host\":\"h\"}",
                "{\"remote_block_ids\":null,\"remote_engine_id\":\"e\",\"remote_host\":\"h\",\"remote_port\":1}",
            })
    void anAnswerWithoutCoordinatesHandsNothingOver(String answer) throws Exception {
        assertThat(handoff(plan("nixl", GenerationApi.CHAT, "{}"), answer)).isEmpty();
        assertThat(handoff(plan("nixlv2", GenerationApi.CHAT, "{}"), answer)).isEmpty();
    }

    @Test
    void aVersion1AnswerIsHandedOverAtTopLevel() throws Exception {
        String answer = "{\"remote_block_ids\": [1, 2],\"remote_engine_id\":\"e\\u0031\",\"remote_host\":\"h\","
                + "\"remote_port\":5.6E3,\"choices\":[]}";
        String added = ",\"do_remote_prefill\":true,\"remote_block_ids\":[1, 2],\"remote_engine_id\":\"e\\u0031\","
                + "\"remote_host\":\"h\",\"remote_port\":5.6E3}";
        Plan.Sequential plan = plan("nixl", GenerationApi.CHAT, "{\"a\":1}");
        Handoff handoff = handoff(plan, answer).orElseThrow();
        assertThat(text(handoff.addTo().apply(plan.decode().body()))).isEqualTo("{\"a\":1" + added);
        assertThat(handoff.addTo().apply(plan.prefill().body()).has("do_remote_decode"))
                .isFalse();
        assertThat(handoff(plan("nixlv2", GenerationApi.CHAT, "{}"), answer)).isEmpty();
    }

    @Test
    void nixlReservesTheNamesOfVersion1() {
        assertThat(KvConnector.named("nixl").reserved(GenerationApi.CHAT))
                .containsExactlyInAnyOrder(
                        "do_remote_decode",
                        "do_remote_prefill",
                        "remote_block_ids",
                        "remote_engine_id",
                        "remote_host",
                        "remote_port");
        assertThat(KvConnector.named("nixlv2").reserved(GenerationApi.CHAT)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"CHAT", "COMPLETIONS", "RESPONSES", "MESSAGES", "GENERATE"})
    void lmcacheLimitsThePrefillAndChangesNothingElse(GenerationApi api) throws Exception {
        Plan.Sequential plan = plan("lmcache", api, client(api));
        String added =
                switch (api) {
                    case CHAT, COMPLETIONS -> ",\"max_tokens\":1,\"max_completion_tokens\":1}";
                    case RESPONSES -> ",\"max_output_tokens\":1}";
                    case MESSAGES -> ",\"max_tokens\":1}";
                    default -> "}";
                };
        String expected = client(api).replaceAll("}$", added).replace("0.10}", "0.10,\"max_tokens\":1}");
        assertThat(text(plan.prefill().body())).isEqualTo(expected);
        assertThat(plan.handoff()).isEmpty();
        assertThat(text(plan.decode().body())).isEqualTo(client(api));
    }

    @Test
    void severalSamplesDoNotStopLmcache() {
        JsonBody body = JsonBody.of("{\"n\":2}");
        assertThat(KvConnector.named("lmcache").bypass(GenerationApi.CHAT, body))
                .isEmpty();
        assertThat(KvConnector.named("nixl").bypass(GenerationApi.CHAT, body)).isPresent();
        assertThat(KvConnector.named("nixlv2").bypass(GenerationApi.CHAT, body)).isPresent();
    }

    @Test
    void anUnknownNameIsAnsweredWithThoseThereAre() {
        assertThatThrownBy(() -> KvConnector.named("nope"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "lmcache, mooncake, moriio, nixl, nixl-push, nixlv2, offloading, sglang, shared-storage");
    }
}
