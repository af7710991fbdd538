package dev.pdrouter.connector;

import static dev.pdrouter.connector.JsonBodyPropertyTest.written;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonBodyTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                               | {\"x\":1}",
                "{ }                              | {\"x\":1 }",
                "{\"a\":1}                        | {\"a\":1,\"x\":1}",
                "{ \"a\" : 1 }                    | { \"a\" : 1,\"x\":1 }",
                "{\"x\" : 2 , \"a\":1}            | {\"x\" : 1 , \"a\":1}",
                "{\"\\u0078\":[2, 3]}             | {\"\\u0078\":1}",
                "{\"x\":2, \"a\":1, \"x\": null } | {\"a\":1, \"x\": 1 }",
            })
    void withReplacesInPlaceOrAppends(String before, String after) throws IOException {
        assertThat(written(JsonBody.of(before).with("x", "1"))).isEqualTo(after);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"x\":1}                          | {}",
                "{ \"x\" : 1 }                      | {  }",
                "{ \"x\":1 , \"a\" : 1 }            | { \"a\" : 1 }",
                "{ \"a\" : 1 , \"x\":1 }            | { \"a\" : 1 }",
                "{\"a\":1, \"x\":1, \"b\":2}        | {\"a\":1, \"b\":2}",
                "{\"x\":1,\"x\":2,\"a\":1,\"x\":3}  | {\"a\":1}",
                "{\"a\":1,\"x\":1,\"x\":{},\"b\":2} | {\"a\":1,\"b\":2}",
            })
    void withoutTakesTheCommaAlong(String before, String after) throws IOException {
        assertThat(written(JsonBody.of(before).without("x"))).isEqualTo(after);
    }

    @Test
    void withoutWhatIsAbsentIsTheSameObject() {
        JsonBody body = JsonBody.of("{\"a\":1}");
        assertThat(body.without("x")).isSameAs(body);
        assertThat(body.with("x", "1").without("x").length()).isEqualTo(body.length());
    }

    @Test
    void namesOfTheProgramAreEscaped() throws IOException {
        JsonBody body = JsonBody.of("{}").with("a\"\\\n", "1").with("a\"\\\n", "2");
        assertThat(written(body)).isEqualTo("{\"a\\\"\\\\\\n\":2}");
        assertThat(JsonBody.parse(written(body).getBytes(UTF_8)).count("a\"\\\n"))
                .isEqualTo(1);
    }

    @Test
    void aSpellingWithTheSameBytesIsNotTheSameName() {
        assertThat(JsonBody.of("{\"a\\b\":1}").has("a\\b")).isFalse();
        assertThat(JsonBody.of("{\"a\\b\":1}").has("a\b")).isTrue();
    }

    @Test
    void surroundingBlanksAndByteOrderMarkStayOutsideANestedObject() throws IOException {
        JsonBody inner = JsonBody.of("\uFEFF {\"a\":1}\n");
        assertThat(written(inner.with("b", "2"))).isEqualTo("\uFEFF {\"a\":1,\"b\":2}\n");
        assertThat(written(JsonBody.of("{}").with("in", inner))).isEqualTo("{\"in\":{\"a\":1}}");
    }

    @Test
    void nullIsAbsentButCanBeSeen() {
        JsonBody body = JsonBody.of("{\"a\":null}");
        assertThat(body.has("a")).isFalse();
        assertThat(body.get("a")).isEmpty();
        assertThat(body.count("a")).isEqualTo(1);
        assertThat(body.raw("a")).hasValue("null".getBytes(UTF_8));
    }

    @Test
    void aNumberOfAMillionDigitsIsReadAtOnce() {
        JsonBody body = JsonBody.of("{\"n\":" + "9".repeat(1_000_000) + ",\"in\":[" + "9".repeat(2000) + "]}");
        assertThat(body.get("n").orElseThrow().doubleValue()).isInfinite();
        assertThat(body.get("in").orElseThrow().isMissingNode()).isTrue();
    }

    @Test
    void aPromptOf20MegabytesIsWrittenFromWhereItIs() throws IOException {
        byte[] bytes = ("{\"model\":\"m\",\"prompt\":\"" + "é漢x ".repeat(2_500_000) + "\",\"n\":1}").getBytes(UTF_8);
        List<byte[]> arrays = new ArrayList<>();
        List<Integer> lengths = new ArrayList<>();
        JsonBody body = JsonBody.parse(bytes).with("n", "2").without("model").with("x", "{}");
        body.writeTo(new OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("a byte at a time");
            }

            @Override
            public void write(byte[] array, int from, int length) {
                arrays.add(array);
                lengths.add(length);
            }
        });
        assertThat(bytes.length).isGreaterThan(17_000_000);
        assertThat(arrays).contains(bytes);
        assertThat(arrays.size()).isLessThan(4);
        assertThat(lengths.stream().mapToLong(Integer::longValue).sum()).isEqualTo(body.length());
    }

    @Test
    void aSmallBodyIsOneWrite() throws IOException {
        int[] writes = {0};
        JsonBody.of("{\"a\":1,\"b\":2}")
                .without("a")
                .with("c", "3")
                .with("b", "4")
                .writeTo(new ByteArrayOutputStream() {
                    @Override
                    public synchronized void write(byte[] array, int from, int length) {
                        writes[0]++;
                    }
                });
        assertThat(writes[0]).isEqualTo(1);
    }

    @Test
    void nothingOfThePromptIsInTheString() {
        assertThat(JsonBody.of("{\"prompt\":\"secret\"}")).hasToString("JsonBody[19 bytes]");
    }

    /** A transport may send them when all is written: the many small ranges between edits are gathered in arrays. */
    @Test
    void arraysThatWereWrittenDoNotChange() throws IOException {
        JsonBody body = JsonBody.of("{}");
        for (int i = 0; i < 400; i++) {
            body = body.with("member" + i, "\"" + "v".repeat(50) + i + "\"");
        }
        List<ByteBuffer> held = new ArrayList<>();
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        body.writeTo(new OutputStream() {
            @Override
            public void write(int b) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
                held.add(ByteBuffer.wrap(bytes, from, length));
                written.write(bytes, from, length);
            }
        });
        ByteArrayOutputStream later = new ByteArrayOutputStream();
        held.forEach(piece -> later.write(piece.array(), piece.position(), piece.remaining()));
        assertThat(held).hasSizeGreaterThan(1);
        assertThat(later.toString(UTF_8)).isEqualTo(written.toString(UTF_8));
    }
}
