package dev.pdrouter.server.jdk;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** A client that asks once, behaves as the script says, and judges what it was answered. */
final class ChaosClient {

    /** What a client that stayed saw. */
    sealed interface Seen {
        /** An answer that looks whole. */
        record Whole(int status, String text) implements Seen {}

        /** One that does not. */
        record Cut() implements Seen {}
    }

    private final int port;
    private final String prefillers;
    private final ChaosScript script;

    ChaosClient(int port, String prefillers, ChaosScript script) {
        this.port = port;
        this.prefillers = prefillers;
        this.script = script;
    }

    /** Asks; empty when the client left. A client that waits in vain is an error. */
    Optional<Seen> ask() throws IOException {
        String request = request();
        int part = request.length() - 2;
        try (RawClient client = new RawClient(port)) {
            switch (script.client()) {
                case STAYS -> client.send(request);
                case STALLS_IN_ITS_BODY -> client.send(hasBody() ? request.substring(0, part) : request);
                case LEAVES_IN_ITS_BODY -> client.send(request.substring(0, part));
                case LEAVES_AT_ONCE -> client.send(request);
                case LEAVES_LATER -> {
                    client.send(request);
                    LockSupport.parkNanos(script.pause() * 1_000_000L);
                }
                case RESETS_LATER -> {
                    client.send(request);
                    LockSupport.parkNanos(script.pause() * 1_000_000L);
                    client.reset();
                }
                case LEAVES_IN_THE_ANSWER -> client.send(request).read(1);
            }
            return script.client().stays() ? Optional.of(answer(client)) : Optional.empty();
        } catch (SocketTimeoutException e) {
            throw new AssertionError("no answer and no end to " + script, e);
        } catch (EOFException | SocketException e) {
            return script.client().stays() ? Optional.of(new Seen.Cut()) : Optional.empty();
        }
    }

    private boolean hasBody() {
        return script.form() != ChaosScript.Form.PASS_THROUGH;
    }

    private String request() {
        if (!hasBody()) {
            return "GET /other HTTP/1.1\r\nHost: r\r\nx-request-id: " + script.id() + "\r\n\r\n";
        }
        String post = RawClient.post(
                "/v1/completions",
                "{\"prompt\":\"p\",\"max_tokens\":9,\"stream\":" + script.isStreamed() + "}",
                "x-request-id: " + script.id(),
                "x-prefiller-host-port: " + prefillers);
        return script.form() == ChaosScript.Form.HTTP10_STREAM ? post.replace("HTTP/1.1", "HTTP/1.0") : post;
    }

    private Seen answer(RawClient client) throws IOException {
        RawClient.Answer head = client.head();
        boolean framed =
                head.headers().containsKey("content-length") || head.headers().containsKey("transfer-encoding");
        byte[] body = framed ? client.body(head) : client.rest();
        return new Seen.Whole(head.status(), new String(body, StandardCharsets.UTF_8));
    }

    /** What is wrong with what a client saw; empty when nothing is. */
    static Optional<String> fault(ChaosScript script, Seen seen) {
        if (!(seen instanceof Seen.Whole whole)) {
            return script.decode().cuts() ? Optional.empty() : Optional.of("cut without a reason");
        }
        if (whole.status() == 200) {
            return whole.text().equals(script.answer()) || script.decode() == ChaosScript.Fault.TOO_SHORT_A_LENGTH
                    ? Optional.empty()
                    : Optional.of("looks whole and is not: " + whole.text());
        }
        return whole.status() >= 400 && whole.text().contains("\"error\":{")
                ? Optional.empty()
                : Optional.of("no clear error: " + whole);
    }
}
