package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A {@link VllmEngine} that encodes media for others: it takes one part at a time, in one message of a user.
 *
 * <p>With {@link VllmBuilder#mediaStore} it puts what it has encoded there, as ECExampleConnector does. Without one it
 * tells, as ECCPUConnector does, {@code ec_transfer_params}: where the encoding of each hash is.
 */
public final class VllmEncoder extends VllmEngine {
    private final VllmBuilder<VllmEncoder> settings;

    private VllmEncoder(VllmBuilder<VllmEncoder> settings) throws IOException {
        super(settings, KvRole.PREFILLER);
        this.settings = settings;
    }

    /**
     * Begins an encoder.
     *
     * @return a builder
     */
    public static VllmBuilder<VllmEncoder> builder() {
        return new VllmBuilder<>(VllmEncoder::new);
    }

    @Override
    public int pending() {
        return 0;
    }

    @Override
    AnswerWriter.Prefilled admit(VllmRequest request) {
        check(request);
        Map<String, Long> hashes = Media.hashes(request.body());
        Prompt prompt = Prompt.of(request.path(), request.body()).getFirst();
        return call -> {
            settings.media.ifPresent(store -> hashes.values().forEach(store::put));
            List<Choice> choices = List.of(Choice.of(0, prompt.seed(), 0, request));
            Optional<ObjectNode> told =
                    settings.media.isPresent() ? Optional.empty() : Optional.of(told(hashes.keySet()));
            return new Generation(request, choices, prompt.tokens(), toldCachedTokens(0), told);
        };
    }

    private void check(VllmRequest request) {
        JsonNode messages = request.body().path("messages");
        JsonNode content = messages.path(0).path("content");
        boolean alone = messages.size() == 1
                && messages.path(0).path("role").asText().equals("user")
                && content.size() == 1
                && Media.isMedia(content.path(0));
        if (!alone) {
            violation("an encoder was sent something else than one media part of a user");
        }
        if (request.isStreamed() || request.maxTokens().orElse(2) != 1) {
            violation("an encoder was asked for an answer");
        }
        if (request.kvTransferParams().isPresent() || request.body().has("ec_transfer_params")) {
            violation("an encoder was told of other engines");
        }
    }

    private ObjectNode told(Set<String> hashes) {
        ObjectNode all = Json.object();
        hashes.forEach(hash -> all.putObject(hash)
                .put("peer_host", "127.0.0.1")
                .put("peer_port", port())
                .put("size_bytes", 4096));
        return Json.object().set("ec_transfer_params", all);
    }

    @Override
    void refused(VllmRequest request) {}

    @Override
    Map<String, Number> counters() {
        return Map.of("vllm:request_success_total", requests() - aborted());
    }
}
