package dev.pdrouter.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageEventsTest {

    private static final String USAGE =
            "data: {\"choices\":[],\"usage\": {\"prompt_tokens\":48, \"prompt_tokens_details\":{\"cached_tokens\":%s , \"x\":[1]}}}";

    private static final String STREAM =
            ": keep-alive\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"\\\"usage\\\" é\"}}]}\n\n"
                    + "data: {\"choices\":[{\"delta\":{\"content\":\"usage\"}}], \"y\":{\"usage\":{\"prompt_tokens_details\":{\"cached_tokens\":47}}}}\r\n\r\n"
                    + "event: x\rdata:{\"usage\":null}\r\r"
                    + "data: {\"usage\":{\"prompt_tokens_details\":null}}\n\n"
                    + "data: {\"usage\":{\"prompt_tokens\":3}}\n\n"
                    + USAGE + "\r\n\r\n" + USAGE.replace("{\"cho", "{\"e\":\"usage\",\"cho") + "\n\ndata: [DONE]\n\n";

    private static byte[] sent(String stream) {
        return stream.replace("%s", "47").getBytes(UTF_8);
    }

    private static String wanted(String stream, String count) {
        return stream.replace("%s", count);
    }

    private static String text(ByteArrayOutputStream out) {
        return out.toString(UTF_8);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 16, 123456})
    void theCountIsReplacedWhereverTheStreamIsCutInTwo(long count) throws IOException {
        byte[] bytes = sent(STREAM);
        for (int cut = 0; cut <= bytes.length; cut++) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (UsageEvents events = new UsageEvents(out, new CachedTokens(count))) {
                events.write(bytes, 0, cut);
                events.write(bytes, cut, bytes.length - cut);
            }
            assertThat(text(out)).as("cut at " + cut).isEqualTo(wanted(STREAM, String.valueOf(count)));
        }
    }

    @Test
    void theCountIsReplacedHoweverManyPiecesThereAre() throws IOException {
        byte[] bytes = sent(STREAM);
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            int longest = 1 + random.nextInt(40);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (UsageEvents events = new UsageEvents(out, new CachedTokens(9))) {
                for (int from = 0; from < bytes.length; ) {
                    int count = Math.min(1 + random.nextInt(longest), bytes.length - from);
                    byte[] piece = new byte[count + 5];
                    System.arraycopy(bytes, from, piece, 3, count);
                    events.write(piece, 3, count);
                    Arrays.fill(piece, (byte) '!');
                    from += count;
                }
            }
            assertThat(text(out)).as("seed " + seed).isEqualTo(wanted(STREAM, "9"));
        }
    }

    @Test
    void everyByteOfAnEventIsThereWhenItsLastOneCame() throws IOException {
        byte[] bytes = sent(STREAM);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (UsageEvents events = new UsageEvents(out, new CachedTokens(47))) {
            for (int i = 0; i < bytes.length; i++) {
                events.write(bytes[i]);
                if (bytes[i] == '\n' || bytes[i] == '\r') {
                    assertThat(out.size()).isEqualTo(i + 1);
                }
            }
        }
    }

    @Test
    void whatStandsBeforeTheWordIsNotHeldBack() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        UsageEvents events = new UsageEvents(out, new CachedTokens(1));
        for (String piece : new String[] {"data: {\"choices\":[", "{\"text\":\"", "\\\"us"}) {
            int before = out.size();
            events.write(piece.getBytes(UTF_8));
            assertThat(out.size()).isEqualTo(before + piece.length());
        }
    }

    @Test
    void aStreamWithoutALastLineEndIsWholeToo() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (UsageEvents events = new UsageEvents(out, new CachedTokens(5))) {
            events.write(sent(USAGE));
        }
        assertThat(text(out)).isEqualTo(wanted(USAGE, "5"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {\"usage\":{\"prompt_tokens_details\":{\"cached_tokens\":47},\"prompt_tokens_details\":{\"cached_tokens\":47}}}\n\n",
                "data: {\"usage\":{\"prompt_tokens_details\":{\"cached_tokens\":null}}}\n\n",
                "data: {\"us\\u0061ge\":{\"prompt_tokens_details\":{\"cached_tokens\":47}},\"x\":\"usage\"}\n\n",
                "data: {\"usage\":{\"prompt_tokens_details\":{\"cached_tokens\":47}}\n\n",
                "id: {\"usage\":{\"prompt_tokens_details\":{\"cached_tokens\":47}}}\n\n",
                "\"usage\"",
                "\n",
                "data:",
                "\r\r\r"
            })
    void whatIsNotClearStaysAsItIs(String stream) throws IOException {
        byte[] bytes = stream.getBytes(UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (UsageEvents events = new UsageEvents(out, new CachedTokens(1))) {
                events.write(bytes, 0, cut);
                events.write(bytes, cut, bytes.length - cut);
            }
            assertThat(text(out)).isEqualTo(stream);
        }
    }

    @Test
    void aLineThatIsTooLongPassesAsItIsAndTheNextOneIsLookedAt() throws IOException {
        String filler = "x".repeat(2 * UsageEvents.LONGEST_LINE);
        String stream =
                "data: {\"f\":\"" + filler + "\"," + USAGE.substring(7).replace("%s", "47") + "\n\n" + USAGE + "\n\n";
        byte[] bytes = sent(stream);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (UsageEvents events = new UsageEvents(out, new CachedTokens(6))) {
            for (int from = 0; from < bytes.length; from += 16384) {
                events.write(bytes, from, Math.min(16384, bytes.length - from));
            }
        }
        assertThat(text(out)).isEqualTo(wanted(stream, "6"));
    }
}
