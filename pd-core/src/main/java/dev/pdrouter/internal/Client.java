package dev.pdrouter.internal;

import dev.pdrouter.PdException;
import dev.pdrouter.Responder;
import dev.pdrouter.Stage;
import dev.pdrouter.Target;
import dev.pdrouter.WriteReadiness;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The client of one request: what fails here is the client's doing. */
final class Client {

    private static final int NOTHING = 0;

    private final Responder responder;
    private final Failures failures;
    private final boolean head;
    private final ErrorShape errors;
    private final @Nullable String requestId;
    private final Runnable whole;
    private final AtomicInteger status = new AtomicInteger(NOTHING);
    private volatile boolean refusedMeanwhile;

    /** The last parameter is run when all that is left is to write the end of the answer. */
    Client(
            Responder responder,
            Failures failures,
            boolean head,
            ErrorShape errors,
            @Nullable String requestId,
            Runnable whole) {
        this.whole = whole;
        this.failures = failures;
        this.responder = responder;
        this.head = head;
        this.errors = errors;
        this.requestId = requestId;
    }

    /** The status that the client was sent, if it was sent anything. */
    OptionalInt answered() {
        int sent = status.get();
        return sent == NOTHING ? OptionalInt.empty() : OptionalInt.of(sent);
    }

    /** Passes an engine's answer on, piece by piece; returns when the client has all of it. */
    void relay(EngineCall call, StageWatch watch) throws IOException, PdException, InterruptedException {
        call.awaitFirstByte();
        relay(call, watch, begin(call.status(), Headers.toClient(call.headers(), own())));
    }

    /** As {@link #relay}, through a filter that may change the length. */
    void relayChanged(EngineCall call, StageWatch watch, UnaryOperator<OutputStream> change)
            throws IOException, PdException, InterruptedException {
        call.awaitFirstByte();
        Sink out = begin(call.status(), Headers.toClient(Headers.withoutLength(call.headers()), own()));
        relay(call, watch, new Sink(change.apply(out.out()), out.client()));
    }

    private Map<String, String> own() {
        return requestId == null ? Map.of() : Map.of(Headers.REQUEST_ID, requestId);
    }

    private void relay(EngineCall call, StageWatch watch, Sink out)
            throws IOException, PdException, InterruptedException {
        failures.answered(call.stage(), call.target(), call.status());
        byte[] piece = new byte[call.pieceSize()];
        if (!call.hasMoreNow()) {
            out.flush();
        }
        boolean first = true;
        for (int read = call.read(piece); read >= 0; read = call.read(piece)) {
            if (first) {
                watch.firstByte();
                first = false;
            }
            out.write(piece, read);
            if (!call.hasMoreNow()) {
                if (call.isWhole()) {
                    break;
                }
                out.flush();
                if (out.isWritable() && call.isCarriable()) {
                    call.carry(() -> out.isWritable() && relayNow(call, out, piece));
                }
            }
        }
        watch.answered(call.status());
        whole.run();
        out.close();
    }

    /** Passes on a prefiller's answer. */
    void send(Target prefiller, PrefillAnswer answer) throws IOException {
        failures.answered(Stage.PREFILL, prefiller, answer.status());
        send(answer.status(), answer.headers(), answer.body());
    }

    /** Passes on what has come and no more; returns true. */
    private static boolean relayNow(EngineCall call, Sink out, byte[] piece) throws IOException {
        while (call.hasMoreNow()) {
            int read = call.readNow(piece);
            if (read < 0) {
                return false;
            }
            out.write(piece, read);
        }
        out.flush();
        return true;
    }

    /** Passes on an answer that was read here. */
    void send(int code, HttpHeaders engineHeaders, byte[] body) throws IOException {
        Map<String, String> set = new LinkedHashMap<>(own());
        if (code != 204 && code != 304) {
            set.put("content-length", String.valueOf(body.length));
        }
        Sink out = begin(code, Headers.toClient(engineHeaders, set));
        whole.run();
        out.write(body, head ? 0 : body.length);
        out.close();
    }

    /** Answers with an error of the router's own. */
    void refuse(PdException error) throws IOException {
        take(error.status());
        whole.run();
        write(error).close();
    }

    /**
     * As {@link #refuse}, but from another thread than the request's, and leaves the answer open, for somebody still
     * reads from the client.
     *
     * @return false when it has an answer already: then cutting is all there is to do
     */
    boolean refuseAndCut(PdException error) {
        if (!status.compareAndSet(NOTHING, error.status())) {
            return false;
        }
        refusedMeanwhile = true;
        try {
            write(error).flush();
        } catch (IOException e) {
            // It is gone, which is no less an end.
        }
        return true;
    }

    /** Whether {@link #refuseAndCut} was quicker than the request's own thread. */
    boolean isRefusedMeanwhile() {
        return refusedMeanwhile;
    }

    private Sink write(PdException error) throws IOException {
        byte[] body = errors.body(error);
        Sink out = open(error.status(), Headers.of(refusalHeaders(error, body.length)));
        out.write(body, head ? 0 : body.length);
        return out;
    }

    private Map<String, List<String>> refusalHeaders(PdException error, int length) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        headers.put("Content-Type", List.of("application/json"));
        headers.put("Content-Length", List.of(String.valueOf(length)));
        error.retryAfter().ifPresent(after -> headers.put("Retry-After", List.of(String.valueOf(after.toSeconds()))));
        if (requestId != null) {
            headers.put(Headers.REQUEST_ID, List.of(requestId));
        }
        return headers;
    }

    private Sink begin(int code, HttpHeaders headers) throws IOException {
        take(code);
        return open(code, headers);
    }

    /** Makes sure that there is one answer. */
    private void take(int code) throws ClientGone {
        if (status.compareAndSet(NOTHING, code)) {
            return;
        }
        if (refusedMeanwhile) {
            throw new ClientGone("the client has been refused meanwhile", null);
        }
        throw new IllegalStateException("already answered " + status.get());
    }

    private Sink open(int code, HttpHeaders headers) throws ClientGone {
        try {
            OutputStream body = responder.begin(code, headers);
            return new Sink(body, body instanceof WriteReadiness ready ? ready : () -> false);
        } catch (IOException e) {
            throw new ClientGone("the client left", e);
        }
    }

    /** The answer's body on its way out. */
    private record Sink(OutputStream out, WriteReadiness client) {

        void write(byte[] bytes, int count) throws IOException {
            if (count == 0) {
                return;
            }
            try {
                out.write(bytes, 0, count);
            } catch (IOException e) {
                throw new ClientGone("the client left", e);
            }
        }

        boolean isWritable() {
            return client.isWritable();
        }

        void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                throw new ClientGone("the client left", e);
            }
        }

        void close() throws IOException {
            try {
                out.close();
            } catch (IOException e) {
                throw new ClientGone("the client left", e);
            }
        }
    }
}
