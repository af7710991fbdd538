package dev.pdrouter.connector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.GenerationApi;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BypassTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "CHAT        | {'n':2}                                     | n is above 1",
                "CHAT        | {'n':'4'}                                   | n is above 1",
                "CHAT        | {'n':2.0}                                   | n is above 1",
                "GENERATE    | {'sampling_params':{'n':2}}                 | n is above 1",
                "COMPLETIONS | {'use_beam_search':true}                    | beam search",
                "CHAT        | {'use_beam_search':'Yes'}                   | beam search",
                "COMPLETIONS | {'prompt':[ 'a']}                           | a list of prompts",
                "COMPLETIONS | {'prompt':[[1,2],[3]]}                      | a list of prompts",
                "CHAT        | {'prompt_logprobs':0}                       | prompt_logprobs",
                "GENERATE    | {'sampling_params':{'prompt_logprobs':1}}   | prompt_logprobs",
                "COMPLETIONS | {'prompt_logprob_token_ids':[1]}            | prompt_logprobs",
                "COMPLETIONS | {'echo':true,'logprobs':0}                  | echo with logprobs",
                "CHAT        | {'echo':true}                               | echo in chat",
                "RESPONSES   | {'background':true}                         | background",
                "RESPONSES   | {'previous_response_id':'r'}                | an earlier response",
                "RESPONSES   | {'conversation':{'id':'c'}}                 | an earlier response",
                "RESPONSES   | {'tools':[{'type':'function'},{'type':'web_search'}]} | a built-in tool",
                "CHAT        | {'truncate_prompt_tokens':-1}               | truncation to what fits",
                "RESPONSES   | {'truncation':'auto'}                       | truncation",
                "COMPLETIONS | {'prompt_embeds':'x'}                       | prompt_embeds",
                "CHAT        | {'tool_choice':'required'}                  | a required tool call",
                "RESPONSES   | {'tool_choice':'requ\\u0069red'}            | a required tool call",
                "MESSAGES    | {'tool_choice':{'type':'any'}}              | a required tool call",
                "CHAT        | {'max_tokens':1}                            | no more than one token",
                "CHAT        | {'max_tokens':null,'max_completion_tokens':0} | no more than one token",
                "RESPONSES   | {'max_output_tokens':1}                     | no more than one token",
                "GENERATE    | {'sampling_params':{'max_tokens':1}}        | no more than one token",
            })
    void someRequestsAreForTheDecoderAlone(GenerationApi api, String json, String reason) {
        assertThat(Bypass.reason(api, JsonBody.of(json.replace('\'', '"')))).hasValue(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "CHAT        | {}",
                "CHAT        | {'n':1}",
                "CHAT        | {'n':null,'prompt_logprobs':null,'truncation':null,'tool_choice':null,'max_tokens':null}",
                "CHAT        | {'max_tokens':1,'max_completion_tokens':2}",
                "CHAT        | {'use_beam_search':false,'echo':false,'tool_choice':'auto','truncate_prompt_tokens':7}",
                "CHAT        | {'tool_choice':{'type':'function','function':{'name':'any'}}}",
                "CHAT        | {'tools':[{'type':'web_search'}],'truncation':'auto','background':true}",
                "CHAT        | {'stop':['a'],'logprobs':true,'logit_bias':{'1':2},'cache_salt':'x','priority':1,'min_tokens':1}",
                "COMPLETIONS | {'prompt':'text'}",
                "COMPLETIONS | {'prompt':[1,2,3]}",
                "COMPLETIONS | {'prompt':[]}",
                "COMPLETIONS | {'prompt':[ ] }",
                "COMPLETIONS | {'echo':true}",
                "COMPLETIONS | {'echo':true,'logprobs':null}",
                "RESPONSES   | {'tools':[{'type':'function'},{'type':'custom'}],'background':false,'truncation':'disabled'}",
                "RESPONSES   | {'tools':[]}",
                "MESSAGES    | {'tool_choice':{'type':'auto'},'thinking':{'type':'enabled'}}",
                "GENERATE    | {'n':2,'max_tokens':1}",
            })
    void othersAreNot(GenerationApi api, String json) {
        assertThat(Bypass.reason(api, JsonBody.of(json.replace('\'', '"')))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"9", "2147483648"})
    void numbersOfAnyLengthAreNumbers(String digits) {
        assertThat(Bypass.reason(GenerationApi.CHAT, JsonBody.of("{\"n\":" + digits.repeat(2000) + "}")))
                .isPresent();
    }

    @Test
    void aConnectorLeavesOutWhatDoesNotConcernIt() {
        JsonBody body = JsonBody.of("{\"n\":2,\"prompt_logprobs\":1}");
        assertThat(Bypass.reason(GenerationApi.CHAT, body, EnumSet.complementOf(EnumSet.of(Bypass.SEVERAL_SAMPLES))))
                .hasValue("prompt_logprobs");
    }
}
