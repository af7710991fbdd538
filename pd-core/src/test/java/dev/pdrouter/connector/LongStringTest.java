package dev.pdrouter.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every place matters where bytes are looked at many at a time. */
class LongStringTest {

    private static final int LENGTH = 4500;
    private static final String BEFORE = "{\"a\":\"";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\\\"",
                "\\\\",
                "\\n",
                "\\u0022",
                "\\\\\\\"",
                "\\\\\\u005c",
                "\u00e9",
                "\u6f22",
                "\uD83D\uDE80"
            })
    void itEndsAtItsQuoteWhateverStandsBeforeIt(String last) throws JsonBody.Malformed {
        String next = "\"" + "y".repeat(300) + "\\\"z\"";
        for (int length = 0; length < LENGTH; length++) {
            String string = "\"" + "x".repeat(length) + last + "\"";
            JsonBody body = JsonBody.parse(("{\"a\":" + string + ",\"b\":" + next + "}").getBytes(UTF_8));
            assertThat(body.raw("a")).contains(string.getBytes(UTF_8));
            assertThat(body.raw("b")).contains(next.getBytes(UTF_8));
        }
    }

    @Test
    void whatFollowsTheObjectIsNotLookedAt() throws JsonBody.Malformed {
        String inner = "{\"a\":\"" + "x".repeat(2500) + "\"}";
        byte[] bytes = (inner + "\"\\\n\u0000").getBytes(UTF_8);
        assertThat(JsonIndex.of(bytes, 0, inner.length()).close).isEqualTo(inner.length());
        for (int end = 300; end < inner.length(); end++) {
            int cut = end;
            assertThatThrownBy(() -> JsonIndex.of(bytes, 0, cut))
                    .hasMessage("the body is not valid JSON: it ends within the object");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\n", "\u0000", "\u001f", "\\x", "\\\u00e9", "\\u12G4", "\\u123", "\\u", "\\\\\\'", "\\\u0000"})
    void aMistakeIsFoundWhereverItIs(String mistake) {
        for (int before = 0; before < LENGTH; before++) {
            String json = BEFORE + "x".repeat(before) + mistake + "x".repeat(LENGTH - before) + "\"}";
            int at = BEFORE.length() + before + firstWrong(mistake);
            assertThatThrownBy(() -> JsonBody.parse(json.getBytes(UTF_8)))
                    .hasMessage("the body is not valid JSON: there is a mistake at byte " + at);
        }
    }

    /** What is escaped wrongly, or the control character itself. */
    private static int firstWrong(String mistake) {
        return switch (mistake) {
            case "\\u12G4" -> 4;
            case "\\u123" -> 5;
            case "\\u" -> 2;
            case "\\\\\\'" -> 3;
            default -> mistake.length() == 1 ? 0 : 1;
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\\", "\\\"", "\\u", "\\u12", "\\u1234", "\u00e9"})
    void oneThatDoesNotEndIsRefused(String last) {
        for (int length = 0; length < LENGTH; length++) {
            String json = BEFORE + "x".repeat(length) + last;
            assertThatThrownBy(() -> JsonBody.parse(json.getBytes(UTF_8)))
                    .hasMessage("the body is not valid JSON: it ends within the object");
        }
    }
}
