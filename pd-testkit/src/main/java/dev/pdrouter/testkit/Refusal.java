package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A request that vLLM answers with an error, in the shape it has there. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final String what;
    private final @Nullable String param;

    private Refusal(int status, String type, String what, @Nullable String param) {
        super(what);
        this.status = status;
        this.type = type;
        this.what = what;
        this.param = param;
    }

    /** The request's model does not accept the body: found before the serving layer sees it. */
    static Refusal ofBody(String what) {
        return new Refusal(400, "Bad Request", what, null);
    }

    /** The serving layer does not accept a parameter. */
    static Refusal ofParameter(String param, String what) {
        return new Refusal(400, "BadRequestError", what, param);
    }

    static Refusal ofModel(String model) {
        return new Refusal(404, "NotFoundError", "The model `" + model + "` does not exist.", "model");
    }

    static Refusal disabled(String what) {
        return new Refusal(403, "Forbidden", what, null);
    }

    void answer(EngineCall call, GenerationPath path) throws IOException {
        boolean anthropic = path == GenerationPath.MESSAGES && !type.equals("Bad Request");
        ObjectNode body = Json.object();
        ObjectNode error = Json.object();
        if (anthropic) {
            body.put("type", "error");
            error.put("type", type).put("message", what);
        } else {
            error.put("message", what).put("type", type).put("param", param).put("code", status);
        }
        body.set("error", error);
        call.answer(status, "application/json", body.toString());
    }
}
