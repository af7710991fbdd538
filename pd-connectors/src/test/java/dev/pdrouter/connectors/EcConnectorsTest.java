package dev.pdrouter.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pdrouter.PdException;
import dev.pdrouter.connector.EcConnector;
import dev.pdrouter.connector.JsonBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What encoders are sent and what is made of their answers, byte for byte. */
class EcConnectorsTest {

    private static final String IMAGE = "{\"type\":\"image_url\", \"image_url\":{\"url\":\"http://h/\\u0061.png\"} }";

    private static String text(JsonBody body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        body.writeTo(out);
        return out.toString(UTF_8);
    }

    private static List<String> split(String request) throws Exception {
        List<String> texts = new ArrayList<>();
        for (JsonBody body : EcConnector.named("ec-nixl").split(JsonBody.of(request))) {
            texts.add(text(body));
        }
        return texts;
    }

    /** A request of one message with these parts. */
    private static String request(String... parts) {
        return "{\"messages\":[{\"role\":\"user\",\"content\":[" + String.join(",", parts) + "]}]}";
    }

    /** What an encoder is sent of such a request for one part. */
    private static String leg(String part) {
        return "{\"messages\":[{\"role\":\"user\",\"content\":[" + part
                + "]}],\"stream\":false,\"max_tokens\":1,\"min_tokens\":1}";
    }

    private static String merge(String name, String request, String... answers) throws IOException {
        List<JsonBody> bodies = Stream.of(answers).map(JsonBody::of).toList();
        return text(EcConnector.named(name).merge(JsonBody.of(request), bodies));
    }

    @Test
    void anEncoderGetsTheRequestWithOnePartAsItsMessageAndOneToken() throws Exception {
        String request = "{\"model\" : \"m\", \"n\":3,\"stop\":[\"a\"],\"stream\":true,\"stream_options\":{},"
                + "\"messages\": [ {\"role\":\"system\",\"content\":\"s\"}, {\"role\":\"user\",\"content\":[ {\"type\":\"text\","
                + "\"text\":\"t\"} , " + IMAGE + " ]} ] , \"max_completion_tokens\":7, \"min_tokens\":5,\"seed\":"
                + "9007199254740993,\"mm_processor_kwargs\":{ \"b\":1 },\"stop_token_ids\":[1],\"temperature\":0.10}";
        assertThat(split(request))
                .containsExactly("{\"model\" : \"m\", \"n\":1,\"stream\":false,"
                        + "\"messages\": [{\"role\":\"user\",\"content\":[" + IMAGE
                        + "]}] , \"max_completion_tokens\":1, \"min_tokens\":1,\"seed\":9007199254740993,"
                        + "\"mm_processor_kwargs\":{ \"b\":1 },\"temperature\":0.10}");
    }

    @Test
    void partsOfAllFourTypesAreTakenInTheOrderOfTheMessages() throws Exception {
        String audio = "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\",\"format\":\"wav\"}}";
        String video = "{\"video_url\":{\"url\":\"http://h/v\"},\"type\":\"video\\u005furl\"}";
        String sound = "{\"type\":\"audio_url\",\"audio_url\":{\"url\":\"http://h/s\"}}";
        String embeds = "{\"type\":\"image_embeds\",\"image_embeds\":\"AAAA\"}";
        String untyped = "{\"image_url\":\"http://h/u\"}";
        String request = "{\"messages\":[{\"content\":[" + audio + ",1,null,[" + IMAGE + "],{}," + video
                + "]},7,{\"role\":\"assistant\",\"content\":null},{\"content\":\"image_url\"},{\"content\":[" + embeds
                + ","
                + untyped + "," + IMAGE + "," + sound + "]}]}";
        assertThat(split(request)).containsExactly(leg(audio), leg(video), leg(IMAGE), leg(sound));
    }

    @Test
    void equalUrlsAreOneHoweverSpelledAndDataAreAlwaysOneEach() throws Exception {
        String same = "{\"image_url\":{\"detail\":\"low\",\"url\":\"http:\\/\\/h/a.png\"},\"type\":\"image_url\"}";
        String film = "{\"type\":\"video_url\",\"video_url\":{\"url\":\"http://h/a.png\"}}";
        String bare = "{\"type\":\"image_url\",\"image_url\":\"http://h/a.png\"}";
        String data = "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AAAA\"}}";
        String escaped = "{\"type\":\"image_url\",\"image_url\":{\"url\":\"\\u0064ata:image/png;base64,AAAA\"}}";
        String upper = "{\"type\":\"image_url\",\"image_url\":{\"url\":\"DATA:image/png;base64,AAAA\"}}";
        String audio = "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"A\"}}";
        String empty = "{\"type\":\"image_url\",\"image_url\":null,\"uuid\":\"u\"}";
        assertThat(split(request(
                        IMAGE, same, film, bare, data, data, escaped, escaped, upper, upper, audio, audio, empty,
                        empty)))
                .isEqualTo(
                        Stream.of(IMAGE, film, data, data, escaped, escaped, upper, upper, audio, audio, empty, empty)
                                .map(EcConnectorsTest::leg)
                                .collect(Collectors.toList()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"messages\":null}",
                "{\"messages\":\"image_url\"}",
                "{\"messages\":{\"content\":[]}}",
                "{\"messages\":[]}",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":[\"image_url\"]},{\"type\":\"text\"}]}]}",
            })
    void withoutMediaThereIsNothingToEncode(String request) throws Exception {
        assertThat(split(request)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"messages\":[{\"content\":[],\"content\":\"\"}]} | content",
                "{\"messages\":[{\"content\":[{\"type\":\"text\",\"type\":\"image_url\"}]}]} | type",
                "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{},\"image_url\":{}}]}]} | image_url",
                "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"a\",\"u\\u0072l\":\"b\"}}]}]} | url",
            })
    void aPartThatCanBeReadInTwoWaysIsRefused(String requestAndName) {
        String[] both = requestAndName.split(" \\| ");
        assertThatExceptionOfType(PdException.Rejected.class)
                .isThrownBy(() -> split(both[0]))
                .withMessage("a message of the body has more than one " + both[1])
                .matches(refused -> refused.status() == 400);
    }

    @Test
    void moreMediaThanAnyEngineTakesAreRefused() {
        String audio = "{\"type\":\"input_audio\"}";
        String[] parts = Stream.generate(() -> audio).limit(4097).toArray(String[]::new);
        assertThatExceptionOfType(PdException.Rejected.class).isThrownBy(() -> split(request(parts)));
    }

    /** The array that a body is written from is the client's own. */
    @Test
    void whatIsInAPartIsNeverCopied() throws Exception {
        String data = "A".repeat(100_000);
        byte[] request = request("{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"" + data + "\"}}")
                .getBytes(UTF_8);
        List<byte[]> written = new ArrayList<>();
        OutputStream out = new OutputStream() {
            @Override
            public void write(int b) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
                written.add(bytes);
            }
        };
        for (JsonBody body : EcConnector.named("ec-example").split(JsonBody.parse(request))) {
            body.writeTo(out);
        }
        assertThat(written).filteredOn(bytes -> bytes == request).hasSize(1);
        assertThat(written).filteredOn(bytes -> bytes != request).allMatch(bytes -> bytes.length < 10_000);
    }

    @Test
    void entriesOfAllAnswersAreTakenRawAndOneOfEachHash() throws Exception {
        assertThat(merge(
                        "ec-nixl",
                        "{\"model\":\"m\"}",
                        "{\"id\":1,\"ec_transfer_params\": {\"h1\" : {\"peer_port\":5.0e1,\"big\":12345678901234567890}} }",
                        "{\"ec_transfer_params\":null}",
                        "{}",
                        "{\"ec_transfer_params\":{}}",
                        "{\"ec_transfer_params\":[1]}",
                        "{\"ec_transfer_params\":{\"h2\":{ \"peer_host\":\"\\u00e9\"},\"h3\":{\"metadata\":{}}}}",
                        "{\"ec_transfer_params\":{\"h1\":{\"peer_port\":51}}}"))
                .isEqualTo("{\"model\":\"m\",\"ec_transfer_params\":{\"h1\":{\"peer_port\":51},"
                        + "\"h2\":{ \"peer_host\":\"\\u00e9\"},\"h3\":{\"metadata\":{}}}}");
        assertThat(merge(
                        "ec-nixl",
                        "{\"model\":\"m\"}",
                        "{\"ec_transfer_params\": {\"h1\" : {\"peer_port\":5.0e1,\"big\":12345678901234567890}} }"))
                .isEqualTo("{\"model\":\"m\",\"ec_transfer_params\":"
                        + "{\"h1\" : {\"peer_port\":5.0e1,\"big\":12345678901234567890}}}");
    }

    @Test
    void answersWithoutEntriesChangeNothing() throws Exception {
        assertThat(merge("ec-nixl", "{\"a\":1}", "{}", "{\"ec_transfer_params\":{}}"))
                .isEqualTo("{\"a\":1}");
        assertThat(merge("ec-example", "{\"a\":1}", "{\"ec_transfer_params\":{\"h\":{}}}"))
                .isEqualTo("{\"a\":1}");
        assertThat(EcConnector.named("ec-example").readsAnswers()).isFalse();
    }

    @Test
    void anUnknownNameListsTheKnownOnes() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> EcConnector.named("ec-mooncake"))
                .withMessage("no EC connector 'ec-mooncake'; there are ec-example, ec-nixl");
    }
}
