package dev.pdrouter.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class JsonBodyPropertyTest {

    private static final int ROUNDS = 4000;
    private static final ObjectMapper STRICT =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Pattern SURROGATE = Pattern.compile("\\\\u[dD][89a-fA-F][0-9a-fA-F]{2}");

    @Test
    void whatIsNotEditedIsWrittenAsItCame() throws IOException {
        RandomJson random = new RandomJson(1);
        for (int round = 0; round < ROUNDS; round++) {
            String json = random.body();
            JsonBody body = JsonBody.parse(json.getBytes(UTF_8));
            assertThat(written(body)).isEqualTo(json);
            assertThat(body.length()).isEqualTo(json.getBytes(UTF_8).length);
        }
    }

    @Test
    void membersAreFoundByTheirNamesHoweverSpelled() throws IOException {
        RandomJson random = new RandomJson(2);
        for (int round = 0; round < ROUNDS; round++) {
            String json = random.body();
            JsonBody body = JsonBody.parse(json.getBytes(UTF_8));
            ReferenceObject reference = new ReferenceObject(json);
            assertThat(seen(body)).as(json).isEqualTo(seen(reference));
        }
    }

    private static List<Object> seen(JsonBody body) {
        List<Object> seen = new ArrayList<>();
        for (String name : RandomJson.NAMES) {
            boolean present = body.has(name);
            seen.add(body.count(name));
            seen.add(body.raw(name).map(raw -> new String(raw, UTF_8)));
            seen.add(present);
            seen.add(body.object(name).isPresent());
            if (body.get(name).isPresent() != present) {
                seen.add("get and has disagree about " + name);
            }
        }
        return seen;
    }

    private static List<Object> seen(ReferenceObject reference) {
        List<Object> seen = new ArrayList<>();
        for (String name : RandomJson.NAMES) {
            List<String> values = reference.values(name);
            String last = values.isEmpty() ? "null" : values.getLast();
            seen.add(values.size());
            seen.add(values.isEmpty() ? Optional.empty() : Optional.of(last));
            seen.add(!last.equals("null"));
            seen.add(last.startsWith("{"));
        }
        return seen;
    }

    @Test
    void editsChangeWhatTheyNameAndNothingElse() throws IOException {
        RandomJson random = new RandomJson(3);
        for (int round = 0; round < ROUNDS; round++) {
            String json = random.body();
            JsonBody body = JsonBody.parse(json.getBytes(UTF_8));
            ReferenceObject reference = new ReferenceObject(json);
            StringBuilder edits = new StringBuilder(json);
            for (int edit = random.below(7); edit >= 0; edit--) {
                String name = random.pick(RandomJson.NAMES);
                if (random.below(2) == 0) {
                    String value = random.value(3);
                    edits.append("\nwith ").append(name).append(' ').append(value);
                    body = body.with(name, value);
                    reference.with(name, value);
                } else {
                    edits.append("\nwithout ").append(name);
                    body = body.without(name);
                    reference.without(name);
                }
            }
            assertThat(seen(body)).as(edits.toString()).isEqualTo(seen(reference));
            String result = written(body);
            assertThat(new ReferenceObject(result).members).as(edits.toString()).isEqualTo(reference.members);
            assertThat(body.length()).isEqualTo(result.getBytes(UTF_8).length);
            assertThat(written(JsonBody.parse(result.getBytes(UTF_8)))).isEqualTo(result);
        }
    }

    @Test
    void nestedObjectsAreEditedTheSameWay() throws IOException {
        RandomJson random = new RandomJson(4);
        for (int round = 0; round < ROUNDS; round++) {
            String inner = random.object(1);
            JsonBody body = JsonBody.parse(("{\"a\":1, \"in\" : " + inner + " }").getBytes(UTF_8));
            String name = random.pick(RandomJson.NAMES);
            ReferenceObject reference = new ReferenceObject(inner);
            reference.with(name, "[7]");
            reference.without("n");
            JsonBody edited = body.object("in").orElseThrow().with(name, "[7]").without("n");

            JsonBody result = body.with("in", edited);

            assertThat(written(result)).isEqualTo("{\"a\":1, \"in\" : " + written(edited) + " }");
            reference.with("more", "{}");
            JsonBody again = result.object("in").orElseThrow().with("more", "{}");
            assertThat(new ReferenceObject(written(again)).members).isEqualTo(reference.members);
        }
    }

    @Test
    void damagedBytesAreRefusedOrAreStillJson() throws IOException {
        RandomJson random = new RandomJson(5);
        int accepted = 0;
        for (int round = 0; round < 3 * ROUNDS; round++) {
            byte[] bytes = random.body().getBytes(UTF_8);
            for (int damage = random.below(3); damage >= 0; damage--) {
                int at = random.below(bytes.length);
                switch (random.below(4)) {
                    case 0 -> bytes[at] = (byte) random.below(256);
                    case 1 -> bytes[at] ^= (byte) (1 << random.below(8));
                    case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
                    default -> bytes[at] = bytes[random.below(bytes.length)];
                }
            }
            accepted += agreesWithJackson(bytes) ? 1 : 0;
        }
        assertThat(accepted).isGreaterThan(ROUNDS / 8);
    }

    private static boolean agreesWithJackson(byte[] bytes) throws IOException {
        JsonBody body;
        try {
            body = JsonBody.parse(bytes.clone());
        } catch (JsonBody.Malformed e) {
            assertThat(isStrictJson(bytes)).as(new String(bytes, UTF_8)).isFalse();
            return false;
        }
        assertThat(isStrictJson(bytes)).as(new String(bytes, UTF_8)).isTrue();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        body.writeTo(out);
        assertThat(out.toByteArray()).isEqualTo(bytes);
        return true;
    }

    private static boolean isStrictJson(byte[] bytes) {
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            // Jackson wants surrogates in pairs where they are in names; JSON's grammar does not (RFC 8259 section
            // 8.2).
            return STRICT.readTree(SURROGATE.matcher(text).replaceAll("\\\\u0041"))
                    .isObject();
        } catch (IOException e) {
            return false;
        }
    }

    static String written(JsonBody body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        body.writeTo(out);
        return out.toString(UTF_8);
    }
}
