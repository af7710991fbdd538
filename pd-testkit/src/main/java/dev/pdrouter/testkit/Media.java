package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The media of a chat request, which are encoded before the prompt is computed. */
final class Media {
    private static final Set<String> TYPES = Set.of("image_url", "audio_url", "video_url", "input_audio");

    private Media() {}

    /** Hashes of what the distinct parts hold, in order. */
    static Map<String, Long> hashes(ObjectNode body) {
        Map<String, Long> hashes = new LinkedHashMap<>();
        for (JsonNode message : body.path("messages")) {
            for (JsonNode part : message.path("content")) {
                if (isMedia(part)) {
                    long seed = Words.seed(part.path(part.path("type").asText()).toString());
                    hashes.put(Long.toHexString(seed), seed);
                }
            }
        }
        return hashes;
    }

    static boolean isMedia(JsonNode part) {
        return TYPES.contains(part.path("type").asText());
    }
}
