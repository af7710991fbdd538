package dev.pdrouter.internal;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pdrouter.GenerationApi;
import dev.pdrouter.PdException;
import java.nio.charset.StandardCharsets;

/** The JSON of an error, in the shape of the endpoint's own. */
enum ErrorShape {
    /** vLLM's since 0.10.1, and OpenAI's. */
    OPENAI {
        @Override
        ObjectNode json(PdException error) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.putObject("error")
                    .put("message", error.getMessage())
                    .put("type", error.type())
                    .putNull("param")
                    .put("code", error.status());
            return json;
        }
    },
    /** Anthropic's, with Anthropic's words for the types. */
    ANTHROPIC {
        @Override
        ObjectNode json(PdException error) {
            String type =
                    switch (error.status()) {
                        case 400, 408 -> "invalid_request_error";
                        case 403 -> "permission_error";
                        case 413 -> "request_too_large";
                        case 429 -> "rate_limit_error";
                        case 503 -> "overloaded_error";
                        case 504 -> "timeout_error";
                        default -> "api_error";
                    };
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("type", "error");
            json.putObject("error").put("type", type).put("message", error.getMessage());
            return json;
        }
    };

    static ErrorShape of(GenerationApi api) {
        return api == GenerationApi.MESSAGES ? ANTHROPIC : OPENAI;
    }

    byte[] body(PdException error) {
        return json(error).toString().getBytes(StandardCharsets.UTF_8);
    }

    abstract ObjectNode json(PdException error);
}
