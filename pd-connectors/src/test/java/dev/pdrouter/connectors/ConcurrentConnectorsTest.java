package dev.pdrouter.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pdrouter.GenerationApi;
import dev.pdrouter.PdException;
import dev.pdrouter.Target;
import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.KvConnector;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Lookup;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.PlanRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the connectors that overlap the legs, or can, send: member by member. */
class ConcurrentConnectorsTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Target PREFILLER = Target.parse("p:8000");
    private static final String QUERY = "{\"0\":{\"engine_id\":\"e-0\",\"worker_addr\":{\"0\":{\"0\":\"tcp://p:1\"}}}}";

    private static final KvConnector PREFILL_FIRST =
            KvConnector.named("mooncake").configured(Map.of("mooncake-prefill-first", "true"));
    private static final String ENDED_BY_LENGTH = "{\"choices\":[{\"finish_reason\":\"length\"}]}";
    private static final List<String> ENDED_BY_ITS_LIMIT =
            List.of(ENDED_BY_LENGTH, "{\"stop_reason\":\"max_tokens\"}", "{\"status\":\"incomplete\"}");
    private static final List<String> ENDED_OTHERWISE = List.of(
            "{}",
            "{\"choices\":[]}",
            "{\"choices\":[{\"finish_reason\":\"stop\"}]}",
            "{\"choices\":[{\"finish_reason\":null}]}",
            "{\"stop_reason\":\"end_turn\"}",
            "{\"status\":\"completed\"}");

    private static Plan.Concurrent plan(KvConnector connector, PlanRequest request) throws Exception {
        return (Plan.Concurrent) connector.plan(request);
    }

    private static PlanRequest request(GenerationApi api, Target prefiller, Lookup lookup) {
        return new PlanRequest("id\"1", api, JsonBody.of(client(api)), prefiller, Optional.empty(), lookup);
    }

    private static String client(GenerationApi api) {
        String prompt =
                switch (api) {
                    case CHAT, MESSAGES -> "\"messages\" : [{\"role\":\"user\",\"content\":\"\\u00e9\"}]";
                    case COMPLETIONS -> "\"prompt\" : [1, 2]";
                    case RESPONSES -> "\"input\" : \"hi\"";
                    case SGLANG_GENERATE ->
                        "\"text\" : \"\\u00e9\", \"sampling_params\" : {\"max_new_tokens\":1E1 ,\"n\":1}";
                    default -> "\"token_ids\" : [1, 2], \"sampling_params\" : {\"temperature\":0.10}";
                };
        return "{" + prompt + ", \"seed\" : 9007199254740993 ,\"stream\":true}";
    }

    private static String text(JsonBody body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        body.writeTo(out);
        return out.toString(UTF_8);
    }

    private static JsonNode json(Leg leg) throws IOException {
        return MAPPER.readTree(text(leg.body()));
    }

    private static String transfer(Leg leg) throws IOException {
        return json(leg).at("/kv_transfer_params/transfer_id").asText();
    }

    /** The prefill leg of section 2 and the given parameters. */
    private static JsonNode prefill(GenerationApi api, String params) throws IOException {
        ObjectNode leg = ((ObjectNode) MAPPER.readTree(client(api))).put("stream", false);
        switch (api) {
            case CHAT, COMPLETIONS -> leg.put("max_tokens", 1).put("min_tokens", 1);
            case MESSAGES -> leg.put("max_tokens", 1);
            case RESPONSES -> leg.put("max_output_tokens", 1).put("store", false);
            default -> leg.withObject("/sampling_params").put("max_tokens", 1).put("min_tokens", 1);
        }
        return told(api, leg, params);
    }

    private static JsonNode told(GenerationApi api, ObjectNode leg, String params) throws IOException {
        leg.set("kv_transfer_params", MAPPER.readTree(params));
        if (api == GenerationApi.GENERATE) {
            leg.withObject("/sampling_params/extra_args").set("kv_transfer_params", MAPPER.readTree(params));
        }
        return leg;
    }

    private static JsonNode decode(GenerationApi api, String params) throws IOException {
        return told(api, (ObjectNode) MAPPER.readTree(client(api)), params);
    }

    @ParameterizedTest
    @EnumSource(names = {"CHAT", "COMPLETIONS", "RESPONSES", "MESSAGES", "GENERATE"})
    void mooncakeTellsBothOfOneTransfer(GenerationApi api) throws Exception {
        Plan.Concurrent plan = plan(KvConnector.named("mooncake"), request(api, PREFILLER, (target, path) -> {
            assertThat(target + path).isEqualTo("p:8998/query");
            return JsonBody.of(QUERY);
        }));
        String transfer = transfer(plan.prefill());
        assertThat(transfer).matches("xfer-[0-9a-f-]{36}");
        assertThat(json(plan.prefill()))
                .isEqualTo(prefill(
                        api,
                        "{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"transfer_id\":\"" + transfer
                                + "\"}"));
        assertThat(plan.prefill().headers()).isEqualTo(Map.of("X-data-parallel-rank", "0"));
        assertThat(json(plan.decode()))
                .isEqualTo(decode(
                        api,
                        "{\"do_remote_decode\":false,\"do_remote_prefill\":true,\"transfer_id\":\"" + transfer
                                + "\",\"remote_bootstrap_addr\":\"http://p:8998\",\"remote_engine_id\":\"e-0\"}"));
        assertThat(plan.decode().headers()).isEmpty();
        assertThat(text(plan.decode().body())).startsWith(client(api).split(", \"s")[0]);
    }

    @Test
    void mooncakeAsksAtItsPortAndWritesAnIpv6HostInBrackets() throws Exception {
        KvConnector connector = KvConnector.named("mooncake").configured(Map.of("mooncake-bootstrap-port", "9001"));
        Plan.Concurrent plan =
                plan(connector, request(GenerationApi.CHAT, Target.parse("[::1]:8000"), (target, path) -> {
                    assertThat(target).isEqualTo(new Target("::1", 9001));
                    return JsonBody.of(QUERY);
                }));
        assertThat(json(plan.decode())
                        .at("/kv_transfer_params/remote_bootstrap_addr")
                        .asText())
                .isEqualTo("http://[::1]:9001");
    }

    /** Nothing but the order is another, and when the decoder is told. */
    @ParameterizedTest
    @EnumSource(names = {"CHAT", "COMPLETIONS", "RESPONSES", "MESSAGES", "GENERATE"})
    void mooncakeWithThePrefillerFirstTellsBothTheSame(GenerationApi api) throws Exception {
        PlanRequest request = request(api, PREFILLER, (target, path) -> {
            assertThat(target + path).isEqualTo("p:8998/query");
            return JsonBody.of(QUERY);
        });
        Plan.Sequential plan = (Plan.Sequential) PREFILL_FIRST.plan(request);
        String transfer = transfer(plan.prefill());
        assertThat(transfer).matches("xfer-[0-9a-f-]{36}");
        assertThat(json(plan.prefill()))
                .isEqualTo(prefill(
                        api,
                        "{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"transfer_id\":\"" + transfer
                                + "\"}"));
        assertThat(plan.prefill().headers()).isEqualTo(Map.of("X-data-parallel-rank", "0"));
        assertThat(plan.decode().body()).isSameAs(request.body());
        assertThat(plan.decode().headers()).isEmpty();
        Handoff handoff =
                plan.handoff().orElseThrow().read(JsonBody.of(ENDED_BY_LENGTH)).orElseThrow();
        assertThat(handoff.cachedTokens()).isEmpty();
        Plan.Concurrent atOnce = plan(KvConnector.named("mooncake"), request);
        assertThat(text(handoff.addTo().apply(plan.decode().body())))
                .isEqualTo(text(atOnce.decode().body()).replace(transfer(atOnce.decode()), transfer));
        assertThat(text(plan.prefill().body()))
                .isEqualTo(text(atOnce.prefill().body()).replace(transfer(atOnce.prefill()), transfer));
        JsonNode released =
                MAPPER.readTree(text(handoff.addTo().apply(plan.prefill().body())));
        assertThat(released)
                .isEqualTo(prefill(
                        api,
                        "{\"do_remote_decode\":false,\"do_remote_prefill\":true,\"transfer_id\":\"" + transfer
                                + "\",\"remote_bootstrap_addr\":\"http://p:8998\",\"remote_engine_id\":\"e-0\"}"));
    }

    @Test
    void mooncakeAsksBothAtOnceUnlessItIsToldOtherwise() throws Exception {
        KvConnector mooncake = KvConnector.named("mooncake").configured(Map.of("mooncake-prefill-first", "false"));
        assertThat(mooncake.plan(request(GenerationApi.CHAT, PREFILLER, (target, path) -> JsonBody.of(QUERY))))
                .isInstanceOf(Plan.Concurrent.class);
    }

    @Test
    void mooncakeWithThePrefillerFirstHandsOverOnlyWhatEndedByItsLimit() throws Exception {
        Plan.Sequential plan = (Plan.Sequential)
                PREFILL_FIRST.plan(request(GenerationApi.CHAT, PREFILLER, (target, path) -> JsonBody.of(QUERY)));
        for (String good : ENDED_BY_ITS_LIMIT) {
            assertThat(plan.handoff().orElseThrow().read(JsonBody.of(good)))
                    .as(good)
                    .isPresent();
        }
        for (String bad : ENDED_OTHERWISE) {
            assertThat(plan.handoff().orElseThrow().read(JsonBody.of(bad)))
                    .as(bad)
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"0\":{}}", "{\"0\":1}"})
    void mooncakeCannotUseAPrefillerThatHasNotRegistered(String query) {
        PlanRequest request = request(GenerationApi.CHAT, PREFILLER, (target, path) -> JsonBody.of(query));
        assertThatThrownBy(() -> KvConnector.named("mooncake").plan(request)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> PREFILL_FIRST.plan(request)).isInstanceOf(IOException.class);
    }

    @Test
    void mooncakeAndMoriIoGoOnOnlyWhenThePrefillerEndedByItsLimit() throws Exception {
        KvConnector moriio = KvConnector.named("moriio").configured(Map.of("moriio-local-pod-ip", "10.0.0.2"));
        for (KvConnector connector : Set.of(KvConnector.named("mooncake"), moriio)) {
            Plan.Concurrent plan =
                    plan(connector, request(GenerationApi.CHAT, PREFILLER, (target, path) -> JsonBody.of(QUERY)));
            for (String good : ENDED_BY_ITS_LIMIT) {
                assertThat(plan.accepts().test(JsonBody.of(good))).as(good).isTrue();
            }
            for (String bad : ENDED_OTHERWISE) {
                assertThat(plan.accepts().test(JsonBody.of(bad))).as(bad).isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CHAT", "COMPLETIONS", "RESPONSES", "MESSAGES", "SGLANG_GENERATE"})
    void sglangSendsBothTheSameRoomAndTheClientsLimits(GenerationApi api) throws Exception {
        Plan.Concurrent plan = plan(KvConnector.named("sglang"), request(api, Target.parse("[::1]:8000"), Lookup.NONE));
        JsonNode leg = json(plan.prefill());
        assertThat(json(plan.decode())).isEqualTo(leg);
        assertThat(leg.path("bootstrap_room").canConvertToLong()).isTrue();
        assertThat(leg.path("bootstrap_room").asLong()).isNotNegative();
        ObjectNode expected = (ObjectNode) MAPPER.readTree(client(api));
        expected.put("bootstrap_host", "::1").put("bootstrap_port", 8998);
        expected.set("bootstrap_room", leg.get("bootstrap_room"));
        String member = api == GenerationApi.RESPONSES ? "request_id" : "rid";
        if (api == GenerationApi.MESSAGES) {
            assertThat(plan.prefill().abort()).isEmpty();
            assertThat(plan.decode().abort()).isEmpty();
        } else {
            String id = leg.path(member).asText();
            assertThat(id).matches("id\"1[0-9a-f]{16}");
            expected.put(member, id);
            for (Leg each : List.of(plan.prefill(), plan.decode())) {
                Leg.Abort abort = each.abort().orElseThrow();
                assertThat(abort.path()).isEqualTo("/abort_request");
                assertThat(MAPPER.readTree(text(abort.body())))
                        .isEqualTo(MAPPER.createObjectNode().put("rid", id));
            }
        }
        assertThat(leg).isEqualTo(expected);
        assertThat(text(plan.decode().body()))
                .startsWith(client(api).substring(0, client(api).length() - 1));
    }

    @Test
    void sglangNeverRepeatsARoomOrAnId() throws Exception {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            JsonNode leg = json(plan(KvConnector.named("sglang"), request(GenerationApi.CHAT, PREFILLER, Lookup.NONE))
                    .prefill());
            seen.add(leg.path("bootstrap_room").asText());
            seen.add(leg.path("rid").asText());
        }
        assertThat(seen).hasSize(2000);
    }

    @Test
    void sglangHasAPortOfItsOwnAndItsMembersAreReserved() throws Exception {
        KvConnector connector = KvConnector.named("sglang").configured(Map.of("sglang-bootstrap-port", "9002"));
        Plan.Concurrent plan = plan(connector, request(GenerationApi.CHAT, PREFILLER, Lookup.NONE));
        assertThat(json(plan.prefill()).path("bootstrap_port").asInt()).isEqualTo(9002);
        assertThat(connector.reserved(GenerationApi.CHAT)).containsExactlyInAnyOrder("bootstrap_*", "rid");
        assertThatThrownBy(() -> connector.configured(Map.of("sglang-bootstrap-port", "0")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sglang-bootstrap-port");
    }

    @Test
    void sglangRefusesSeveralSamplesAndHasNoDecodeAlone() {
        KvConnector connector = KvConnector.named("sglang");
        JsonBody several = JsonBody.of("{\"messages\":[],\"n\":2}");
        assertThat(connector.bypass(GenerationApi.CHAT, several)).isEmpty();
        assertThatThrownBy(() -> connector.plan(new PlanRequest("id", GenerationApi.CHAT, several, PREFILLER)))
                .isInstanceOfSatisfying(
                        PdException.Rejected.class, e -> assertThat(e.status()).isEqualTo(400));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"text\":\"a\",\"sampling_params\":{\"n\":2}}",
                "{\"text\":[\"a\",\"b\"],\"sampling_params\":[{},{\"n\":2}]}"
            })
    void sglangRefusesSeveralSamplesOfItsOwnEndpoint(String body) {
        PlanRequest request = new PlanRequest("id", GenerationApi.SGLANG_GENERATE, JsonBody.of(body), PREFILLER);
        assertThatThrownBy(() -> KvConnector.named("sglang").plan(request))
                .isInstanceOfSatisfying(
                        PdException.Rejected.class, e -> assertThat(e.status()).isEqualTo(400));
    }

    @Test
    void onlySglangTakesItsOwnEndpoint() {
        for (String name : List.of("nixl", "mooncake", "offloading", "lmcache", "sglang")) {
            assertThat(KvConnector.named(name).takes(GenerationApi.SGLANG_GENERATE))
                    .isEqualTo(name.equals("sglang"));
            assertThat(KvConnector.named(name).takes(GenerationApi.CHAT)).isTrue();
        }
    }

    @Test
    void anErrorInThePrefillersStreamIsNoSuccessOfSglang() throws Exception {
        Plan.Concurrent plan = plan(KvConnector.named("sglang"), request(GenerationApi.CHAT, PREFILLER, Lookup.NONE));
        assertThat(plan.accepts().test(JsonBody.of("{\"choices\":[]}"))).isTrue();
        assertThat(plan.accepts().test(JsonBody.of("{\"error\":{\"code\":500}}")))
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"CHAT", "COMPLETIONS", "RESPONSES", "MESSAGES", "GENERATE"})
    void offloadingTellsTheDecoderWhereThePrefillerKeepsTheBlocks(GenerationApi api) throws Exception {
        Plan.Concurrent plan = plan(KvConnector.named("offloading"), request(api, PREFILLER, Lookup.NONE));
        String id = json(plan.prefill())
                .at("/kv_transfer_params/remote_decoder/kv_request_id")
                .asText();
        assertThat(id).matches("[0-9a-f-]{36}");
        assertThat(json(plan.prefill()))
                .isEqualTo(prefill(api, "{\"remote_decoder\":{\"kv_request_id\":\"" + id + "\"}}"));
        assertThat(json(plan.decode()))
                .isEqualTo(decode(
                        api,
                        "{\"remote_prefiller\":{\"kv_request_id\":\"" + id
                                + "\",\"remote_host\":\"p\",\"remote_port\":7777}}"));
    }

    @Test
    void offloadingPullsFromAThirdEngineWithoutAnOption() throws Exception {
        Optional<Target> source = Optional.of(Target.parse("s:8000"));
        PlanRequest request = new PlanRequest(
                "id", GenerationApi.CHAT, JsonBody.of("{\"messages\":[]}"), PREFILLER, source, Lookup.NONE);
        KvConnector pulls = KvConnector.named("offloading")
                .configured(Map.of("enable-p2p-pull", "false", "p2p-connector-port", "5710", "pod-ip", "d"));
        JsonNode params = json(plan(pulls, request).prefill()).path("kv_transfer_params");
        assertThat(params.at("/remote_kv_source/remote_host").asText()).isEqualTo("s");
        assertThat(params.at("/remote_kv_source/remote_port").asInt()).isEqualTo(5710);
        assertThat(params.at("/remote_kv_source/kv_request_id").asText())
                .isNotEmpty()
                .isNotEqualTo(params.at("/remote_decoder/kv_request_id").asText());
        assertThat(text(plan(pulls, request).decode().body())).doesNotContain("remote_kv_source");
        assertThat(text(plan(KvConnector.named("offloading"), request).prefill().body()))
                .contains("remote_kv_source");
        JsonNode alone = json(pulls.decodeAlone(GenerationApi.CHAT, request.body(), source));
        assertThat(alone.at("/kv_transfer_params/remote_kv_source/remote_host").asText())
                .isEqualTo("s");
        assertThat(alone.path("kv_transfer_params").size()).isEqualTo(1);
    }

    @Test
    void offloadingPullsFromNoEngineThatIsTheSourceItself() throws Exception {
        KvConnector pulls = KvConnector.named("offloading").configured(Map.of("pod-ip", "d"));
        JsonBody body = JsonBody.of("{\"messages\":[]}");
        PlanRequest request =
                new PlanRequest("id", GenerationApi.CHAT, body, PREFILLER, Optional.of(PREFILLER), Lookup.NONE);
        assertThat(text(plan(pulls, request).prefill().body())).doesNotContain("remote_kv_source");
    }

    @Test
    void offloadingLeavesThinkingToTheDecoder() {
        JsonBody thinks = JsonBody.of("{\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}}");
        assertThat(KvConnector.named("offloading").bypass(GenerationApi.MESSAGES, thinks))
                .contains("thinking");
        assertThat(KvConnector.named("offloading").bypass(GenerationApi.CHAT, thinks))
                .isEmpty();
        assertThat(KvConnector.named("offloading").bypass(GenerationApi.CHAT, JsonBody.of("{\"n\":2}")))
                .isPresent();
    }

    @ParameterizedTest
    @EnumSource(names = {"CHAT", "COMPLETIONS", "RESPONSES", "MESSAGES", "GENERATE"})
    void moriIoTellsEachWhereTheOtherIs(GenerationApi api) throws Exception {
        KvConnector connector = KvConnector.named("moriio")
                .configured(Map.of(
                        "moriio-local-pod-ip", "10.0.0.2",
                        "moriio-decode-notify-port", "1",
                        "moriio-decode-handshake-port", "2",
                        "moriio-prefill-notify-port", "3",
                        "moriio-prefill-handshake-port", "4",
                        "moriio-tp-size", "8"));
        Plan.Concurrent plan = plan(connector, request(api, PREFILLER, Lookup.NONE));
        String transfer = transfer(plan.prefill());
        assertThat(transfer).matches("tx-[0-9a-f-]{36}");
        assertThat(json(plan.prefill()))
                .isEqualTo(prefill(
                        api,
                        "{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"transfer_id\":\"" + transfer
                                + "\",\"remote_host\":\"10.0.0.2\",\"remote_notify_port\":1,"
                                + "\"remote_handshake_port\":2,\"remote_dp_size\":1,\"tp_size\":8}"));
        assertThat(json(plan.decode()))
                .isEqualTo(decode(
                        api,
                        "{\"do_remote_decode\":false,\"do_remote_prefill\":true,\"transfer_id\":\"" + transfer
                                + "\",\"remote_engine_id\":\"p:4\",\"remote_block_ids\":[],"
                                + "\"remote_host\":\"p\",\"remote_notify_port\":3,\"remote_handshake_port\":4,"
                                + "\"remote_dp_size\":1,\"tp_size\":8}"));
    }

    @Test
    void moriIoMustKnowWhereItsDecoderIs() {
        assertThatThrownBy(() -> KvConnector.named("moriio").configured(Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("moriio-local-pod-ip");
    }
}
