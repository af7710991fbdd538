package dev.pdrouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VllmEncoderTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String PICTURE = "{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://h/a.png\"}}";

    private final Asking client = new Asking();

    @AfterEach
    void close() {
        client.close();
    }

    private static String user(String parts) {
        return "{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":[" + parts + "]}]%s}";
    }

    @Test
    void whatAnEncoderTellsIsFoundByTheOneThatIsToldIt() throws Exception {
        try (VllmEncoder encoder = VllmEncoder.builder().start();
                VllmPrefiller prefiller = VllmPrefiller.start()) {
            JsonNode told = Asking.json(client.ask(
                            Asking.post(encoder, CHAT, "e", user(PICTURE).formatted(""))))
                    .get("ec_transfer_params");
            assertThat(told).hasSize(1);
            String asked = user("{\"type\":\"text\",\"text\":\"what?\"}," + PICTURE);
            client.ask(Asking.post(prefiller, CHAT, "p", asked.formatted(",\"ec_transfer_params\":" + told)));
            assertThat(prefiller.encodedElsewhere()).isOne();
            client.ask(Asking.post(prefiller, CHAT, "p", asked.formatted("")));
            assertThat(prefiller.encodedHere()).isOne();
            assertThat(prefiller.violations()).isEmpty();
            assertThat(encoder.violations()).isEmpty();
            client.ask(Asking.post(prefiller, CHAT, "p", asked.formatted(",\"ec_transfer_params\":{\"ff\":{}}")));
            assertThat(prefiller.violations()).hasSize(1);
        }
    }

    @Test
    void enginesThatShareAStoreAreToldNothing() throws Exception {
        SharedStore store = new SharedStore();
        try (VllmEncoder encoder = VllmEncoder.builder().mediaStore(store).start();
                VllmDecoder decoder = VllmDecoder.builder().mediaStore(store).start()) {
            assertThat(client.ask(Asking.post(encoder, CHAT, "e", user(PICTURE).formatted("")))
                            .body())
                    .doesNotContain("ec_transfer_params");
            client.ask(Asking.post(decoder, CHAT, "d", user(PICTURE).formatted("")));
            assertThat(decoder.encodedElsewhere()).isOne();
        }
    }

    @Test
    void anEncoderTakesOnePartAndGivesNoAnswer() throws Exception {
        try (VllmEncoder encoder = VllmEncoder.builder().start()) {
            String two = user(PICTURE + "," + PICTURE).replace("\"max_tokens\":1", "\"max_tokens\":9");
            client.ask(Asking.post(encoder, CHAT, "e", two.formatted(",\"kv_transfer_params\":{}")));
            assertThat(encoder.violations()).hasSize(3);
        }
    }
}
