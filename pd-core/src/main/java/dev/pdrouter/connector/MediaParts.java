package dev.pdrouter.connector;

import dev.pdrouter.GenerationApi;
import dev.pdrouter.PdException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The parts of a chat request that are pictures, films and sound, and what an encoder is sent for each.
 *
 * <p>They are found by passing over the messages once. What is in them is data of many megabytes, of which nothing is
 * copied: a part is a place in the client's bytes.
 */
final class MediaParts {

    private static final Set<String> TYPES = Set.of("image_url", "audio_url", "video_url", "input_audio");

    /** Several times what vLLM takes in one prompt (999 of a kind), and few enough to be listed. */
    private static final int MOST = 4096;

    private static final ByteRange BEFORE = range("[{\"role\":\"user\",\"content\":[");
    private static final ByteRange BEHIND = range("]}]");
    private static final byte[] DATA = {'"', 'd', 'a', 't', 'a', ':'};

    private MediaParts() {}

    /** What encoders are sent: for each distinct part the request with that part as its one message, of one token. */
    static List<JsonBody> requests(JsonBody request) throws PdException {
        JsonBody oneToken = OneToken.of(GenerationApi.CHAT, request).without(TransferParams.MEMBER);
        List<JsonBody> requests = new ArrayList<>();
        for (JsonBody part : distinct(request)) {
            List<ByteRange> messages = new ArrayList<>(List.of(BEFORE));
            messages.addAll(part.ranges());
            messages.add(BEHIND);
            requests.add(oneToken.with("messages", messages));
        }
        return requests;
    }

    private static List<JsonBody> distinct(JsonBody request) throws PdException {
        List<JsonBody> parts = new ArrayList<>();
        Set<List<String>> seen = new HashSet<>();
        for (JsonBody message : JsonArray.of(request, "messages")) {
            once(message, "content");
            for (JsonBody part : JsonArray.of(message, "content")) {
                Optional<String> type = type(part);
                if (type.isPresent() && isNew(part, type.get(), seen)) {
                    parts.add(part);
                    refuseAbove(MOST, parts.size());
                }
            }
        }
        return parts;
    }

    private static Optional<String> type(JsonBody part) throws PdException {
        once(part, "type");
        return part.get("type").map(value -> value.asText("")).filter(TYPES::contains);
    }

    /** A picture and a film at one address are two; data that a part brings along is not compared. */
    private static boolean isNew(JsonBody part, String type, Set<List<String>> seen) throws PdException {
        Optional<String> url = type.equals("input_audio") ? Optional.empty() : url(part, type);
        return url.isEmpty() || seen.add(List.of(type, url.get()));
    }

    /** OpenAI's object with a {@code url}, or vLLM's shorter form, the URL itself. */
    private static Optional<String> url(JsonBody part, String type) throws PdException {
        once(part, type);
        Optional<JsonBody> object = part.object(type);
        if (object.isEmpty()) {
            return text(part, type);
        }
        once(object.get(), "url");
        return text(object.get(), "url");
    }

    /** A URL that is read somewhere; data as usually spelled are not even looked through. */
    private static Optional<String> text(JsonBody object, String name) {
        List<ByteRange> value = object.value(name);
        if (value == null || value.getFirst().firstByte() != '"' || begins(value.getFirst(), DATA)) {
            return Optional.empty();
        }
        return object.get(name)
                .map(url -> url.asText("").strip())
                .filter(url -> !url.isEmpty() && !url.regionMatches(true, 0, "data:", 0, 5));
    }

    private static boolean begins(ByteRange value, byte[] lower) {
        for (int i = 0; i < lower.length; i++) {
            if (i >= value.length() || (value.bytes()[value.from() + i] | 0x20) != (lower[i] | 0x20)) {
                return false;
            }
        }
        return true;
    }

    private static void once(JsonBody object, String name) throws PdException {
        if (object.count(name) > 1) {
            throw PdException.Rejected.badRequest(
                    String.format(Locale.ROOT, "a message of the body has more than one %s", name));
        }
    }

    private static void refuseAbove(int most, int count) throws PdException {
        if (count > most) {
            throw PdException.Rejected.badRequest("the body has more than " + most + " media parts to encode");
        }
    }

    private static ByteRange range(String json) {
        return ByteRange.of(json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
