package dev.pdrouter.connector;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyRefusalTest {

    private static void refuses(byte[] bytes, String why) {
        assertThatThrownBy(() -> JsonBody.parse(bytes))
                .isInstanceOf(JsonBody.Malformed.class)
                .hasMessageStartingWith("the body " + why)
                .hasMessageNotContaining("secret")
                .hasNoCause();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"secret\"}",
                "{\"secret\":}",
                "{\"secret\":1,}",
                "{,\"secret\":1}",
                "{\"secret\":1 \"a\":2}",
                "{\"secret\":1,,\"a\":2}",
                "{secret:1}",
                "{'secret':1}",
                "{\"a\":'secret'}",
                "{\"a\":secret}",
                "{\"a\":tru}",
                "{\"a\":nul l}",
                "{\"a\":True}",
                "{\"a\":NaN}",
                "{\"a\":Infinity}",
                "{\"a\":-Infinity}",
                "{\"a\":01}",
                "{\"a\":+1}",
                "{\"a\":1.}",
                "{\"a\":.5}",
                "{\"a\":1e}",
                "{\"a\":-}",
                "{\"a\":0x1}",
                "{\"a\":1_0}",
                "{\"a\":[1,]}",
                "{\"a\":[,1]}",
                "{\"a\":[1 2]}",
                "{\"a\":[1}",
                "{\"a\":{]}",
                "{\"a\":[1}]}",
                "{\"a\":{\"secret\":1,}}",
                "{\"a\":{\"secret\"}}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12G4\"}",
                "{\"a\":\"secret\n\"}",
                "{\"a\":\"eight or more secret\u0000\"}",
                "{\"a\":\"tab\t\"}",
                "{\"a\n\":1}",
                "{/*secret*/}",
                "{\"a\":1 // secret\n}",
                "{#secret\n}",
                "{\"a\":1;}",
                "{\"a\"=1}",
                "{\"a\":1\u000b}",
                "{\u00a0}",
                "{\"secret\":1",
                "{\"secret",
                "{\"a\":\"\\",
                "{\"a\":\"\\u00",
                "{\"a\":[[",
                "{\"a\":t",
                "{",
                "{\"a\":1}]",
                "{\"a\":1}{\"secret\":2}",
                "{\"a\":1} secret",
                "{   }\u0000",
                "{},",
            })
    void whatIsNotJsonIsRefusedWithoutRepeatingIt(String json) {
        refuses(json.getBytes(UTF_8), "is not valid JSON: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[{\"secret\":1}]", "\"secret\"", "1", "null", "secret", "\uFEFF\uFEFF{}", "}"})
    void whatIsNotAnObjectIsRefused(String json) {
        refuses(json.getBytes(UTF_8), "is not a JSON object");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\r\n\t ", "\uFEFF", "\uFEFF "})
    void nothingIsRefused(String json) {
        refuses(json.getBytes(UTF_8), "is empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE", "UTF-32BE", "ISO-8859-1"})
    void otherEncodingsAreRefused(String charset) {
        refuses("{\"secret\":\"é\"}".getBytes(Charset.forName(charset)), "is not UTF-8");
        if (charset.startsWith("UTF")) {
            refuses("{}".getBytes(Charset.forName(charset)), "is not UTF-8");
        }
        refuses("\uFEFF{\"secret\":\"é\"}".getBytes(StandardCharsets.UTF_16LE), "is not UTF-8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0080",
                "\u00c0\u00af",
                "\u00c1\u00bf",
                "\u00e0\u0080\u00af",
                "\u00e0\u009f\u00bf",
                "\u00f0\u0080\u0080\u00af",
                "\u00f0\u008f\u00bf\u00bf",
                "\u00ed\u00a0\u0080",
                "\u00ed\u00bf\u00bf",
                "\u00f4\u0090\u0080\u0080",
                "\u00f5\u0080\u0080\u0080",
                "\u00ff",
                "\u00c3",
                "\u00e2\u0082",
                "\u00f0\u009f\u009a",
                "\u00c3(",
                "\u00e2\u0082(",
                "\u00f0\u009f\u009a(",
                "\u00e2(\u00a1",
                "\u00f0\u0028\u008c\u00bc",
            })
    void invalidUtf8IsRefusedWhereverItIs(String bytes) {
        for (String padding : new String[] {"", "12345", "1234567 1234567"}) {
            refuses(("{\"a\":\"" + padding + bytes + "\"}").getBytes(ISO_8859_1), "is not UTF-8");
            refuses(("{\"a\":{\"" + padding + bytes + "\":1}}").getBytes(ISO_8859_1), "is not UTF-8");
            refuses(("{\"a\":1}" + padding + bytes).getBytes(ISO_8859_1), "is not UTF-8");
        }
    }

    @Test
    void everyCharacterIsAccepted() throws JsonBody.Malformed {
        StringBuilder all = new StringBuilder();
        for (int c = 0x20; c <= Character.MAX_CODE_POINT; c++) {
            if (c != '"' && c != '\\' && (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)) {
                all.appendCodePoint(c);
            }
        }
        byte[] bytes = ("{\"a\":\"" + all + "\"}").getBytes(UTF_8);
        assertThat(JsonBody.parse(bytes).raw("a").orElseThrow()).hasSize(bytes.length - 6);
    }

    @Test
    void aThousandLevelsAreAcceptedAndNoMore() throws JsonBody.Malformed {
        assertThat(JsonBody.parse(nested(1000)).get("a")).isPresent();
        refuses(nested(1001), "is nested more than 1000 levels deep");
        refuses("{\"a\":".repeat(1001).getBytes(UTF_8), "is nested more than 1000 levels deep");
        refuses(("{\"a\":" + "[".repeat(10_000_000)).getBytes(UTF_8), "is nested more than 1000 levels deep");
    }

    private static byte[] nested(int levels) {
        return ("{\"a\":" + "[".repeat(levels - 1) + "]".repeat(levels - 1) + "}").getBytes(UTF_8);
    }
}
