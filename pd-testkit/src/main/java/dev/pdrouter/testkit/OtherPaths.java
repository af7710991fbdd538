package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** What vLLM serves beside tokens. */
final class OtherPaths {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private OtherPaths() {}

    static void answer(EngineCall call, String path, Set<String> models, Map<String, Number> counters)
            throws IOException {
        switch (path) {
            case "/health", "/ping" -> call.answer(200, "text/plain; charset=utf-8", "");
            case "/version" -> call.answer(200, "application/json", "{\"version\":\"0.32.0\"}");
            case "/v1/models" ->
                call.answer(200, "application/json", list(models).toString());
            case "/metrics" -> call.answer(200, TEXT, page(counters));
            default -> call.answer(404, "application/json", "{\"detail\":\"Not Found\"}");
        }
    }

    private static ObjectNode list(Set<String> models) {
        ObjectNode list = Json.object().put("object", "list");
        list.putArray("data");
        for (String model : models.isEmpty() ? Set.of("demo") : models) {
            list.withArray("data")
                    .addObject()
                    .put("id", model)
                    .put("object", "model")
                    .put("created", Generation.CREATED)
                    .put("owned_by", "vllm")
                    .put("root", model)
                    .putNull("parent")
                    .put("max_model_len", 131_072);
        }
        return list;
    }

    private static String page(Map<String, Number> counters) {
        StringBuilder page = new StringBuilder();
        counters.forEach((name, value) -> page.append(name)
                .append("{engine=\"0\"} ")
                .append(value.doubleValue())
                .append('\n'));
        return page.toString();
    }
}
