package dev.pdrouter.testkit;

import java.io.IOException;

/** Mooncake's bootstrap server: it tells which engine has registered, a rank each. */
final class BootstrapServer implements AutoCloseable {
    private final Engine engine;
    private volatile String engineId;

    private BootstrapServer(String engineId) throws IOException {
        this.engineId = engineId;
        engine = Engine.start(this::answer);
    }

    /** Begins with one engine, or with none when the id is empty. */
    static BootstrapServer start(String engineId) throws IOException {
        return new BootstrapServer(engineId);
    }

    Engine engine() {
        return engine;
    }

    String address() {
        return engine.address();
    }

    void register(String id) {
        engineId = id;
    }

    private void answer(EngineCall call) throws IOException {
        boolean asked =
                call.head().method().equals("GET") && call.head().target().equals("/query");
        String ranks = engineId.isEmpty()
                ? "{}"
                : "{\"0\":{\"engine_id\":\"" + engineId + "\",\"worker_addr\":{\"0\":{\"0\":\"tcp://127.0.0.1:1\"}}}}";
        call.answer(asked ? 200 : 404, "application/json", asked ? ranks : "{\"detail\":\"Not Found\"}");
    }

    @Override
    public void close() {
        engine.close();
    }
}
