package dev.pdrouter.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class HandoffTest {

    @Test
    void aHandoffAfterAnEditIsTheSameButForTheEdit() throws IOException {
        Handoff once = new Handoff(body -> body.with("blocks", "[1]"), OptionalLong.of(7), true);
        Handoff edited = once.after(body -> body.without("blocks").with("n", "1"));
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        edited.addTo().apply(JsonBody.of("{\"blocks\":[0]}")).writeTo(told);
        assertThat(told.toString(UTF_8)).isEqualTo("{\"n\":1,\"blocks\":[1]}");
        assertThat(edited.cachedTokens()).hasValue(7);
        assertThat(edited.once()).isTrue();
    }

    @Test
    void itsTextTellsNothing() {
        assertThat(new Handoff(body -> body)).hasToString("Handoff");
    }
}
