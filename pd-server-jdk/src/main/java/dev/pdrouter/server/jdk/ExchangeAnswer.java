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
        exchange.sendResponseHeaders(status, bodiless || length == 0 ? -1 : Math.max(0, length));
        if (bodiless || length == 0) {
            return OutputStream.nullOutputStream();
        }
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

    /** Ends an answer that is whole; a client that is still sending may do so for a short time. */
    void finish(ExchangeBody request) throws IOException {
        OutputStream out = body;
        if (out == null) {
            return;
        }
        if (request.isAtEnd()) {
            out.close();
            return;
        }
        if (!request.stopReading(LINGER)) {
            throw new IOException("the client still sends what nobody wants");
        }
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
            out.close();
        } finally {
            limit.interrupt();
        }
    }
}
