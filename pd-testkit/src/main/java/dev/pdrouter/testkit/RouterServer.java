package dev.pdrouter.testkit;

import dev.pdrouter.PdRequest;
import dev.pdrouter.PdRouter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The smallest server that hands requests to a router, and interrupts it when a client leaves. */
final class RouterServer {
    private static final Duration DAY = Duration.ofDays(1);

    private RouterServer() {}

    static Engine start(PdRouter router) throws IOException {
        return Engine.start(call -> handle(router, call));
    }

    private static void handle(PdRouter router, EngineCall call) throws IOException, InterruptedException {
        Thread handler = Thread.currentThread();
        Thread watch = Thread.startVirtualThread(() -> {
            try {
                if (call.goneWithin(DAY)) {
                    handler.interrupt();
                }
            } catch (InterruptedException e) {
                // The answer is whole.
            }
        });
        try {
            PdRequest request = new PdRequest(
                    call.head().method(),
                    call.head().target(),
                    headers(call.head().headers()),
                    new ByteArrayInputStream(call.body()));
            router.handle(request, (status, headers) -> new Pieces(call.begin(status, fields(headers))));
        } finally {
            watch.interrupt();
        }
    }

    private static HttpHeaders headers(List<HeaderField> fields) {
        Map<String, List<String>> map = new LinkedHashMap<>();
        fields.forEach(field ->
                map.computeIfAbsent(field.name(), any -> new ArrayList<>()).add(field.value()));
        return HttpHeaders.of(map, (name, value) -> true);
    }

    private static List<HeaderField> fields(HttpHeaders headers) {
        List<HeaderField> fields = new ArrayList<>();
        headers.map().forEach((name, values) -> values.forEach(value -> fields.add(new HeaderField(name, value))));
        return fields;
    }

    /** An answer on its way. */
    private static final class Pieces extends OutputStream {
        private final AnswerPieces pieces;

        Pieces(AnswerPieces pieces) {
            this.pieces = pieces;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one});
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length > 0) {
                pieces.send(Arrays.copyOfRange(bytes, offset, offset + length));
            }
        }

        @Override
        public void close() throws IOException {
            pieces.end();
        }
    }
}
