package dev.pdrouter.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Engines of several data-parallel ranks, and MoRI-IO's read mode. */
class RanksTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonBody CHAT = JsonBody.of("{\"messages\":[]}");
    private static final Target PREFILLER = Target.parse("p:8001");
    private static final KvConnector READS =
            KvConnector.named("moriio").configured(Map.of("moriio-write-mode", "false"));

    private static String text(JsonBody body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        body.writeTo(out);
        return out.toString(UTF_8);
    }

    private static JsonNode params(Leg leg) throws IOException {
        return MAPPER.readTree(text(leg.body())).path("kv_transfer_params");
    }

    private static PlanRequest request(JsonBody body) {
        return new PlanRequest("id", GenerationApi.CHAT, body, PREFILLER);
    }

    private static KvConnector moriio(Map<String, String> more) {
        Map<String, String> options = new java.util.HashMap<>(more);
        options.put("moriio-local-pod-ip", "10.0.0.2");
        return KvConnector.named("moriio").configured(options);
    }

    @Test
    void moriIoPutsBothLegsOnOneRankAndNamesTheOtherSidesHosts() throws Exception {
        KvConnector connector = moriio(Map.of(
                "moriio-dp-size", "4",
                "moriio-dp-size-local", "2",
                "moriio-decode-hosts", "d0,d1",
                "moriio-remote-hosts", "p0, p1"));
        Set<String> ranks = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            Plan.Concurrent plan = (Plan.Concurrent) connector.plan(request(CHAT));
            String rank = plan.prefill().headers().get("X-data-parallel-rank");
            ranks.add(rank);
            assertThat(plan.decode().headers()).isEqualTo(Map.of("X-data-parallel-rank", rank));
            String transfer = params(plan.prefill()).path("transfer_id").asText();
            String pinned = "\"remote_dp_rank\":" + rank
                    + ",\"remote_dp_rank_override\":true,\"remote_dp_size\":4,\"remote_dp_size_local\":2,\"tp_size\":1,"
                    + "\"remote_notify_port\":61005,\"remote_handshake_port\":6301,\"transfer_id\":\"" + transfer
                    + "\"}";
            assertThat(params(plan.prefill()))
                    .isEqualTo(MAPPER.readTree(
                            "{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"remote_host\":\"10.0.0.2\",\"remote_hosts\":[\"d0\",\"d1\"],"
                                    + pinned));
            assertThat(params(plan.decode()))
                    .isEqualTo(MAPPER.readTree(
                            "{\"do_remote_decode\":false,\"do_remote_prefill\":true,\"remote_engine_id\":\"p:6301\",\"remote_block_ids\":[],\"remote_host\":\"p\",\"remote_hosts\":[\"p0\",\"p1\"],"
                                    + pinned));
        }
        assertThat(ranks).containsExactlyInAnyOrder("0", "1", "2", "3");
    }

    @Test
    void moriIosHostsMustFitItsRanks() {
        for (String local : Set.of("0", "1", "3")) {
            assertThatThrownBy(() -> moriio(
                            Map.of("moriio-dp-size", "4", "moriio-dp-size-local", local, "moriio-remote-hosts", "a,b")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("moriio-remote-hosts");
        }
        assertThat(moriio(Map.of("moriio-dp-size", "4", "moriio-dp-size-local", "0", "moriio-remote-hosts", "a")))
                .isNotNull();
    }

    @Test
    void inReadModeThePrefillerIsFirstAndItsHandoffGoesOn() throws Exception {
        Plan.Sequential plan = (Plan.Sequential) READS.plan(request(CHAT));
        assertThat(params(plan.prefill()))
                .isEqualTo(
                        MAPPER.readTree(
                                "{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"remote_engine_id\":null,\"remote_block_ids\":null,\"remote_host\":null,\"remote_port\":null}"));
        assertThat(plan.prefill().headers()).isEmpty();
        String handoff = "{\"transfer_id\" : \"tx1\", \"remote_dp_rank\":3}";
        Handoff found = plan.handoff()
                .orElseThrow()
                .read(JsonBody.of("{\"kv_transfer_params\":" + handoff + "}"))
                .orElseThrow();
        assertThat(text(found.addTo().apply(plan.decode().body())))
                .isEqualTo("{\"messages\":[],\"kv_transfer_params\":" + handoff + "}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"kv_transfer_params\":null}"})
    void inReadModeADecoderIsNeverAskedWithoutAHandoff(String answer) throws Exception {
        Plan.Sequential plan = (Plan.Sequential) READS.plan(request(CHAT));
        assertThatThrownBy(() -> plan.handoff().orElseThrow().read(JsonBody.of(answer)))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"n\":2}", "{\"prompt_logprobs\":0}", "{\"use_beam_search\":true}", "{\"echo\":true}"})
    void inReadModeWhatMustNotBeSplitIsRefused(String json) {
        assertThat(READS.bypass(GenerationApi.CHAT, JsonBody.of(json))).isEmpty();
        assertThatThrownBy(() -> READS.plan(request(JsonBody.of(json))))
                .isInstanceOfSatisfying(
                        PdException.Rejected.class, e -> assertThat(e.status()).isEqualTo(400));
    }

    @Test
    void whereARankCannotBeChosenTheDecoderWorksAlone() throws Exception {
        KvConnector moriio = moriio(Map.of("moriio-dp-size", "2"));
        assertThat(moriio.bypass(GenerationApi.RESPONSES, CHAT)).isPresent();
        assertThat(moriio.bypass(GenerationApi.CHAT, CHAT)).isEmpty();
        assertThat(moriio(Map.of()).bypass(GenerationApi.RESPONSES, CHAT)).isEmpty();
        KvConnector mooncake = KvConnector.named("mooncake");
        Lookup two = (target, path) -> JsonBody.of("{\"0\":{\"engine_id\":\"a\"},\"1\":{\"engine_id\":\"b\"}}");
        PlanRequest responses = new PlanRequest(
                "id", GenerationApi.RESPONSES, JsonBody.of("{\"input\":\"x\"}"), PREFILLER, Optional.empty(), two);
        assertThat(mooncake.plan(responses)).isInstanceOfSatisfying(Plan.DecodeOnly.class, plan -> assertThat(
                        plan.decode().body())
                .isSameAs(responses.body()));
        Lookup one = (target, path) -> JsonBody.of("{\"0\":{\"engine_id\":\"a\"}}");
        assertThat(mooncake.plan(new PlanRequest(
                        "id", GenerationApi.RESPONSES, responses.body(), PREFILLER, Optional.empty(), one)))
                .isInstanceOf(Plan.Concurrent.class);
    }

    @Test
    void withMooncakesPrefillerFirstARankIsChosenToo() throws Exception {
        KvConnector first = KvConnector.named("mooncake").configured(Map.of("mooncake-prefill-first", "true"));
        Lookup two = (target, path) -> JsonBody.of("{\"0\":{\"engine_id\":\"e-0\"},\"1\":{\"engine_id\":\"e-1\"}}");
        JsonBody input = JsonBody.of("{\"input\":\"x\"}");
        assertThat(first.plan(new PlanRequest("id", GenerationApi.RESPONSES, input, PREFILLER, Optional.empty(), two)))
                .isInstanceOfSatisfying(
                        Plan.DecodeOnly.class,
                        plan -> assertThat(plan.decode().body()).isSameAs(input));
        Set<String> ranks = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            Plan.Sequential plan = (Plan.Sequential)
                    first.plan(new PlanRequest("id", GenerationApi.CHAT, CHAT, PREFILLER, Optional.empty(), two));
            String rank = plan.prefill().headers().get("X-data-parallel-rank");
            ranks.add(rank);
            Handoff handoff = plan.handoff()
                    .orElseThrow()
                    .read(JsonBody.of("{\"stop_reason\":\"max_tokens\"}"))
                    .orElseThrow();
            JsonBody decode = handoff.addTo().apply(plan.decode().body());
            assertThat(params(Leg.of(decode)).path("remote_engine_id").asText()).isEqualTo("e-" + rank);
        }
        assertThat(ranks).containsExactlyInAnyOrder("0", "1");
    }

    @Test
    void inReadModeNothingIsDecodedAloneButASingleTokenIsSplit() throws Exception {
        assertThatThrownBy(() -> READS.decodeAlone(GenerationApi.INVOCATIONS, CHAT, Optional.empty()))
                .isInstanceOf(PdException.Rejected.class);
        assertThat(READS.withoutPrefill(GenerationApi.CHAT, CHAT, Optional.empty()))
                .isEmpty();
        assertThat(READS.plan(request(JsonBody.of("{\"max_tokens\":1,\"tool_choice\":\"required\"}"))))
                .isInstanceOf(Plan.Sequential.class);
    }

    @ParameterizedTest
    @CsvSource({"8000, 7777", "8002, 7779", "8003, 7777", "7999, 7777"})
    void offloadingFindsARanksSideChannelByThePortOfItsListener(int port, int sideChannel) throws Exception {
        KvConnector connector =
                KvConnector.named("offloading").configured(Map.of("port", "8000", "data-parallel-size", "3"));
        PlanRequest request = new PlanRequest(
                "id", GenerationApi.CHAT, CHAT, new Target("p", port), Optional.of(new Target("s", port)), Lookup.NONE);
        Plan.Concurrent plan = (Plan.Concurrent) connector.plan(request);
        assertThat(params(plan.decode()).at("/remote_prefiller/remote_port").asInt())
                .isEqualTo(sideChannel);
        assertThat(params(plan.prefill()).at("/remote_kv_source/remote_port").asInt())
                .isEqualTo(sideChannel);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nixl", "nixlv2"})
    void nixlEnginesThatHaveTheTierTooFetchFromAThirdEngine(String name) throws Exception {
        Optional<Target> source = Optional.of(new Target("s", 8000));
        PlanRequest request = new PlanRequest("id", GenerationApi.CHAT, CHAT, PREFILLER, source, Lookup.NONE);
        KvConnector pulls = KvConnector.named(name).configured(Map.of("enable-p2p-pull", "true"));
        JsonNode told = params(((Plan.Sequential) pulls.plan(request)).prefill());
        assertThat(told).hasSize(7);
        assertThat(told.path("do_remote_decode").asBoolean()).isTrue();
        assertThat(told.at("/remote_kv_source/remote_host").asText()).isEqualTo("s");
        assertThat(params(pulls.decodeAlone(GenerationApi.CHAT, CHAT, source))
                        .at("/remote_kv_source/remote_port")
                        .asInt())
                .isEqualTo(7777);
        assertThat(params(((Plan.Sequential) pulls.plan(request(CHAT))).prefill()))
                .hasSize(6);
        KvConnector plain = KvConnector.named(name);
        assertThat(params(((Plan.Sequential) plain.plan(request)).prefill())).hasSize(6);
        assertThat(plain.decodeAlone(GenerationApi.CHAT, CHAT, source).body()).isSameAs(CHAT);
    }

    @Test
    void offloadingHasOneSideChannelWithoutRanks() throws Exception {
        KvConnector connector =
                KvConnector.named("offloading").configured(Map.of("port", "0", "data-parallel-size", "1"));
        Plan.Concurrent plan = (Plan.Concurrent) connector.plan(request(CHAT));
        assertThat(params(plan.decode()).at("/remote_prefiller/remote_port").asInt())
                .isEqualTo(7777);
    }
}
