package dev.pdrouter.connector;

import static dev.pdrouter.connector.JsonBodyPropertyTest.written;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.GenerationApi;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransferParamsTest {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SGLANG_GENERATE")
    void paramsAreTopLevelAndForGenerateAmongTheExtraArgumentsToo(GenerationApi api) throws IOException {
        String told = written(TransferParams.put(
                api, JsonBody.of("{\"sampling_params\":{\"extra_args\":{\"a\":1}}}"), "{\"k\": 1}".getBytes(UTF_8)));
        String nested = api == GenerationApi.GENERATE ? ",\"kv_transfer_params\":{\"k\": 1}" : "";
        assertThat(told)
                .isEqualTo("{\"sampling_params\":{\"extra_args\":{\"a\":1" + nested
                        + "}},\"kv_transfer_params\":{\"k\": 1}}");
    }

    @Test
    void whatHoldsTheExtraArgumentsIsCreated() throws IOException {
        assertThat(written(TransferParams.put(GenerationApi.GENERATE, JsonBody.of("{}"), "{}".getBytes(UTF_8))))
                .isEqualTo("{\"kv_transfer_params\":{},"
                        + "\"sampling_params\":{\"extra_args\":{\"kv_transfer_params\":{}}}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"kv_transfer_params\":{\"do_remote_prefill\":true},\"a\":1}            | {\"a\":1}",
                "{\"kv_transfer\\u005fparams\":1}                                         | {}",
                "{\"ec_transfer_params\":null, \"kv_transfer_params\":null, \"a\": 1 }    | {\"a\": 1 }",
                "{\"vllm_xargs\":{\"kv_transfer_params\":\"x\",\"a\":1}}                  | {\"vllm_xargs\":{\"a\":1}}",
                "{\"sampling_params\":{\"extra_args\": {\"kv_transfer_params\":{}} }}     | {\"sampling_params\":{\"extra_args\": {} }}",
                "{\"rid\":1,\"sampling_params\":{\"rid\":1}}                              | {\"sampling_params\":{\"rid\":1}}",
            })
    void aClientsOwnAreTakenOut(String before, String after) throws IOException {
        assertThat(written(TransferParams.takenOutOf(JsonBody.of(before), Set.of("rid"))))
                .isEqualTo(after);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a_b\":1,\"x\":2, \"a_\":[3]}              | {\"x\":2}",
                "{\"x\":2,\"\\u0061\\u005f\\u00e9\":{} ,\"a_é\":1} | {\"x\":2}",
                "{\"a\":1,\"A_b\":2,\"x\":{\"a_b\":3},\"b_a_\":4} | {\"a\":1,\"A_b\":2,\"x\":{\"a_b\":3},\"b_a_\":4}",
                "{\"a_\\ud800\":1,\"x\":2}                   | {\"x\":2}",
            })
    void aNameWithAStarTakesOutAllThatBeginSo(String before, String after) throws IOException {
        assertThat(written(TransferParams.takenOutOf(JsonBody.of(before), Set.of("a_*"))))
                .isEqualTo(after);
    }

    /** One by one they would cost the square of their number. */
    @Test
    void aHundredThousandNamesThatBeginSoAreTakenOutAtOnce() throws IOException {
        String many = IntStream.range(0, 100_000)
                .mapToObj(i -> "\"a_" + i + "\":" + i)
                .collect(Collectors.joining(",", "{", ",\"x\":1}"));
        JsonBody body = JsonBody.of(many);
        assertThat(RoutingMembers.occurringTwice(GenerationApi.CHAT, body, Set.of("a_*"), Set.of(), false))
                .isEmpty();
        assertThat(written(TransferParams.takenOutOf(body, Set.of("a_*")))).isEqualTo("{\"x\":1}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"messages\":[{\"kv_transfer_params\":1}],\"n\":1}",
                "{\"vllm_xargs\":7,\"sampling_params\":[]}",
                "{\"sampling_params\":{\"extra_args\":null,\"kv_transfer_params\":1}}",
            })
    void whereThereAreNoneItIsTheSameObject(String json) {
        JsonBody body = JsonBody.of(json);
        assertThat(TransferParams.takenOutOf(body, Set.of("rid"))).isSameAs(body);
    }

    @Test
    void onlyAnObjectIsAHandoff() {
        assertThat(TransferParams.in(JsonBody.of("{\"kv_transfer_params\": {\"a\":1.0} }")))
                .hasValue("{\"a\":1.0}".getBytes(UTF_8));
        for (String none : new String[] {"{}", "{\"kv_transfer_params\":null}", "{\"kv_transfer_params\":[1]}"}) {
            assertThat(TransferParams.in(JsonBody.of(none))).isEmpty();
        }
    }
}
