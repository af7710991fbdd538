package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import dev.pdrouter.Responder;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The answer to one exchange. */
final class ExchangeAnswer implements Responder {

    /** How long a client whose request is refused may go on sending before its connection is closed. */
    private static final Duration LINGER = Duration.ofSeconds(2);

    private final HttpExchange exchange;
    private @Nullable OutputStream body;
    private int unsent;

    ExchangeAnswer(HttpExchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public OutputStream begin(int status, HttpHeaders headers) throws IOException {
        boolean bodiless = exchange.getRequestMethod().equals("HEAD") || status == 204 || status == 304;
        long length = headers.firstValueAsLong("content-length").orElse(-1);
        headers.map().forEach((name, values) -> {
            if (bodiless && status != 204 || !name.toLowerCase(Locale.ROOT).equals("content-length")) {
                exchange.getResponseHeaders().put(name, values);
            }
        });
        if (bodiless || length == 0) {
            // This ends the exchange in the server, which then waits for the rest of the request: not before ours ends.
            unsent = status;
            return OutputStream.nullOutputStream();
        }
        exchange.sendResponseHeaders(status, Math.max(0, length));
        OutputStream out = exchange.getResponseBody();
        body = out;
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int offset, int count) throws IOException {
                out.write(bytes, offset, count);
            }

            @Override
            public void close() throws IOException {
                // The server's own close waits for the rest of the request; that comes after the request has ended.
                out.flush();
            }
        };
    }

    /**
     * Ends an answer that is whole. A client that is still sending may do so for a short time; one that cannot be
     * understood any more, or whom an abandoned upload still reads from, loses its connection after the answer.
     */
    void finish(ExchangeBody request) throws IOException {
        if (request.isAtEnd()) {
            end();
            return;
        }
        if (request.isBroken()) {
            throw new IOException("nobody knows where the next request begins"); // the answer has been flushed
        }
        boolean alone = request.stopReading();
        Thread reader = Thread.currentThread();
        Thread limit = Thread.startVirtualThread(() -> {
            try {
                Thread.sleep(LINGER);
                reader.interrupt();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the client was quick enough
            }
        });
        try {
            end();
        } finally {
            limit.interrupt();
        }
        if (!alone) {
            throw new IOException("the connection cannot be used any more");
        }
    }

    private void end() throws IOException {
        OutputStream out = body;
        if (out != null) {
            out.close();
        } else if (unsent != 0) {
            exchange.sendResponseHeaders(unsent, -1);
        }
    }
}
