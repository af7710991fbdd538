package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Reads a request as strictly as vLLM does: the body first, then what the serving layer checks. */
final class RequestReader {
    private RequestReader() {}

    static VllmRequest read(EngineCall call, GenerationPath path) throws Refusal {
        ObjectNode body = object(call);
        checkMembers(path, body);
        return new VllmRequest(call.head(), path, body, id(call, path, body));
    }

    /** Responses reads its id in the body alone. */
    private static String id(EngineCall call, GenerationPath path, ObjectNode body) {
        Optional<String> told = path == GenerationPath.RESPONSES
                ? Optional.ofNullable(body.path("request_id").textValue())
                : call.header("X-Request-Id");
        return told.orElseGet(() -> UUID.randomUUID().toString());
    }

    /** What the serving layer finds when the request is about to be given to the engine. */
    static void checkServing(VllmRequest request, Set<String> models) throws Refusal {
        if (!models.isEmpty() && request.body().has("model") && !models.contains(request.model())) {
            throw Refusal.ofModel(request.model());
        }
        int limit = request.maxTokens().orElse(Integer.MAX_VALUE);
        if (limit < 1) {
            throw Refusal.ofParameter("max_tokens", "max_tokens must be at least 1, got " + limit + ".");
        }
        if (request.minTokens() > limit) {
            throw Refusal.ofParameter(
                    "min_tokens",
                    "min_tokens must be less than or equal to max_tokens=" + limit + ", got " + request.minTokens()
                            + ".");
        }
        if (request.sampling().path("n").asInt(1) < 1) {
            throw Refusal.ofParameter("n", "n must be at least 1.");
        }
    }

    private static ObjectNode object(EngineCall call) throws Refusal {
        String type = call.header("Content-Type").orElse("").split(";", 2)[0].strip();
        if (!type.toLowerCase(Locale.ROOT).equals("application/json")) {
            throw Refusal.ofBody("[\"Unsupported Media Type: Only 'application/json' is allowed\"]");
        }
        JsonNode body = Json.parse(call.body()).orElse(null);
        if (body == null) {
            throw Refusal.ofBody("[{'type': 'json_invalid', 'loc': ('body', 0), 'msg': 'JSON decode error'}]");
        }
        if (!(body instanceof ObjectNode object)) {
            throw Refusal.ofBody("[{'type': 'model_attributes_type', 'loc': ('body',), 'msg': 'Input should be a valid "
                    + "dictionary or object to extract fields from'}]");
        }
        return object;
    }

    private static void checkMembers(GenerationPath path, ObjectNode body) throws Refusal {
        boolean orPrompt = path == GenerationPath.INVOCATIONS && body.has("prompt");
        require(body, orPrompt ? "prompt" : path.promptMember(body), List.of("array", "string"));
        switch (path) {
            case GENERATE -> require(body, "sampling_params", List.of("object"));
            case SGLANG -> check(body, "sampling_params", List.of("array", "object"));
            case MESSAGES -> {
                require(body, "model", List.of("string"));
                require(body, "max_tokens", List.of("number"));
            }
            default -> require(body, "model", List.of("string"));
        }
        for (String name : List.of("stream", "use_beam_search", "ignore_eos")) {
            check(body, name, List.of("boolean"));
        }
        for (String name : List.of("n", "min_tokens", "max_tokens", "max_completion_tokens", "max_output_tokens")) {
            check(body, name, List.of("number"));
        }
        check(body, "kv_transfer_params", List.of("object"));
        check(body, "stream_options", List.of("object"));
        boolean optionsMatter = path == GenerationPath.CHAT || path == GenerationPath.COMPLETIONS;
        if (optionsMatter
                && body.path("stream_options").isObject()
                && !body.path("stream").asBoolean()) {
            throw Refusal.ofBody("Value error, Stream options can only be defined when `stream=True`.");
        }
    }

    private static void require(ObjectNode body, String name, List<String> types) throws Refusal {
        if (!body.hasNonNull(name)) {
            throw Refusal.ofBody("[{'type': 'missing', 'loc': ('body', '" + name + "'), 'msg': 'Field required'}]");
        }
        check(body, name, types);
    }

    private static void check(ObjectNode body, String name, List<String> types) throws Refusal {
        JsonNode value = body.path(name);
        String type = value.getNodeType().name().toLowerCase(Locale.ROOT);
        if (body.hasNonNull(name) && !types.contains(type)) {
            throw Refusal.ofBody("[{'type': 'type_error', 'loc': ('body', '" + name
                    + "'), 'msg': 'Input should be a valid " + String.join(" or ", types) + "'}]");
        }
    }
}
