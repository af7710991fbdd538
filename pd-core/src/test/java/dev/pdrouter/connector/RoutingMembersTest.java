package dev.pdrouter.connector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.GenerationApi;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingMembersTest {

    private static Set<String> twice(GenerationApi api, String json, boolean disaggregated) {
        return RoutingMembers.occurringTwice(api, JsonBody.of(json), Set.of("rid"), Set.of(), disaggregated);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CHAT        | {\"kv_transfer_params\":1,\"kv_transfer\\u005fparams\":1}                      | kv_transfer_params",
                "INVOCATIONS | {\"ec_transfer_params\":1,\"ec_transfer_params\":null}                         | ec_transfer_params",
                "BATCH       | {\"rid\":1,\"rid\":1}                                                          | rid",
                "CHAT        | {\"vllm_xargs\":{\"kv_transfer_params\":1},\"vllm_xargs\":{}}                  | vllm_xargs",
                "GENERATE    | {\"sampling_params\":{\"extra_args\":{},\"extra_args\":{}}}                    | extra_args",
                "GENERATE    | {\"sampling_params\":{\"extra_args\":{\"kv_transfer_params\":1,\"kv_transfer_params\":1}}} | kv_transfer_params",
            })
    void transferMembersMatterWithoutAPrefillerToo(GenerationApi api, String json, String name) {
        assertThat(twice(api, json, false)).containsExactly(name);
        assertThat(twice(api, json, true)).containsExactly(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CHAT        | {\"max_tokens\":1,\"max_\\u0074okens\":2}         | max_tokens",
                "CHAT        | {\"stream\":true,\"stream\":false}                | stream",
                "COMPLETIONS | {\"prompt\":\"a\",\"prompt\":[\"a\",\"b\"]}       | prompt",
                "RESPONSES   | {\"store\":true,\"store\":false}                  | store",
                "RESPONSES   | {\"tools\":[],\"tools\":[]}                       | tools",
                "MESSAGES    | {\"stop_sequences\":[],\"stop_sequences\":[]}     | stop_sequences",
                "GENERATE    | {\"sampling_params\":{\"n\":1,\"n\":2}}           | n",
            })
    void whatThePrefillLegReadsOrEditsMattersWithOne(GenerationApi api, String json, String name) {
        assertThat(twice(api, json, true)).containsExactly(name);
        assertThat(twice(api, json, false)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a_b\":1,\"n\":2,\"a_b\":null}",
                "{\"\\u0061_\":1,\"a_b\":2,\"a_\":3}",
                "{\"a_é\":1,\"a_b\":2,\"\\u0061_\\u00e9\":2}",
            })
    void aReservedNameThatEndsWithAStarStandsForAllThatBeginSo(String json) {
        assertThat(RoutingMembers.occurringTwice(GenerationApi.CHAT, JsonBody.of(json), Set.of("a_*"), Set.of(), false))
                .containsExactly("a_*");
    }

    @Test
    void namesThatBeginAsAReservedOneDoAndDifferAreNotTwice() {
        JsonBody body =
                JsonBody.of("{\"a_b\":1,\"a_c\":2,\"\\u0061_\":3,\"a\":4,\"a\":5,\"A_\":6,\"A_\":7,\"x\":{\"a_b\":1}}");
        assertThat(RoutingMembers.occurringTwice(GenerationApi.CHAT, body, Set.of("a_*"), Set.of(), false))
                .isEmpty();
    }

    @Test
    void whatMessagesReadsOneLevelDownMattersToo() {
        for (String member : Set.of("tool_choice", "thinking")) {
            String json = "{\"" + member + "\":{\"type\":\"auto\",\"t\\u0079pe\":\"any\"}}";
            assertThat(twice(GenerationApi.MESSAGES, json, true)).containsExactly("type");
            assertThat(twice(GenerationApi.MESSAGES, json, false)).isEmpty();
            assertThat(twice(GenerationApi.CHAT, json, true)).isEmpty();
        }
    }

    @Test
    void whatAConnectorEditsMattersAtTopLevel() {
        JsonBody body = JsonBody.of("{\"x\":1,\"y\":2,\"x\":3}");
        assertThat(RoutingMembers.occurringTwice(GenerationApi.CHAT, body, Set.of(), Set.of("x", "y"), true))
                .containsExactly("x");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 22, 23, 24, 25, 100})
    void itMattersAmongAnyNumberOfOthers(int others) {
        String between = IntStream.range(0, others)
                .mapToObj(i -> "\"member" + i + "\":" + i + ",")
                .collect(Collectors.joining());
        assertThat(twice(GenerationApi.CHAT, "{\"n\":1," + between + "\"n\":2}", true))
                .containsExactly("n");
        assertThat(twice(GenerationApi.CHAT, "{" + between + "\"\\u006e\":1,\"n\":2}", true))
                .containsExactly("n");
        assertThat(twice(GenerationApi.CHAT, "{" + between + "\"n\":2}", true)).isEmpty();
    }

    @Test
    void anyOtherMemberMayOccurTwice() {
        assertThat(twice(
                        GenerationApi.CHAT,
                        "{\"seed\":1,\"seed\":2,\"prompt\":1,\"prompt\":2,\"a\":{\"n\":1,\"n\":1}}",
                        true))
                .isEmpty();
        assertThat(twice(GenerationApi.GENERATE, "{\"n\":1,\"n\":2}", true)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"messages\":[],\"mess\\u0061ges\":[]} | messages",
                "{\"stream\":true,\"stream\":false}    | stream",
                "{\"max_tokens\":1,\"max_tokens\":2}   | max_tokens",
            })
    void whatAnEncoderIsSentMattersWithOne(String json, String name) {
        assertThat(RoutingMembers.occurringTwiceToEncode(JsonBody.of(json))).containsExactly(name);
        assertThat(twice(GenerationApi.CHAT, json, false)).isEmpty();
    }
}
