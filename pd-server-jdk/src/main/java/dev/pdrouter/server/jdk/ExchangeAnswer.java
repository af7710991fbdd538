package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import dev.pdrouter.Responder;
import dev.pdrouter.WriteReadiness;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardSocketOptions;
import java.net.http.HttpHeaders;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The answer to one exchange. */
final class ExchangeAnswer implements Responder {

    /** How long a client whose request is refused may go on sending and keep its connection. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final int TOO_SLOW = 408;
    private static final int RESET = 0;
    private static final int IN_ORDER = -1;
    private static final long DROPPED_AT_MOST = 16 * 1024 * 1024;
    private static final int PIECE = 16 * 1024;

    private final HttpExchange exchange;
    private final ExchangeBody request;
    private final Optional<SocketChannel> channel;
    private final Optional<ClientOutput> output;
    private final BooleanSupplier last;
    private final WriteReadiness client;
    private ClientWatch.@Nullable Watched watched;
    private @Nullable OutputStream body;
    private boolean endsWithTheConnection;
    private int unsent;

    /**
     * An answer that has not begun.
     *
     * @param exchange what it is the answer to
     * @param request the body of the request
     * @param channel the client's socket, where this JVM shows it
     * @param output where the answer is written, where this JVM shows it
     * @param last whether the client is to come over another connection next time
     * @param client whether it keeps up with its answer
     */
    ExchangeAnswer(
            HttpExchange exchange,
            ExchangeBody request,
            Optional<SocketChannel> channel,
            Optional<ClientOutput> output,
            BooleanSupplier last,
            WriteReadiness client) {
        this.exchange = exchange;
        this.request = request;
        this.channel = channel;
        this.output = output;
        this.last = last;
        this.client = client;
    }

    /** Who notices that the client leaves. */
    void watchedBy(ClientWatch.Watched who) {
        watched = who;
    }

    @Override
    public void onLeave(Runnable left) {
        if (watched != null) {
            watched.onLeave(left);
        }
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
        headers.firstValue("date").ifPresent(date -> output.ifPresent(out -> out.dateNext(date)));
        if (last.getAsBoolean() || asksToClose() || isLast(status)) {
            exchange.getResponseHeaders().remove("Keep-Alive");
            exchange.getResponseHeaders().put("Connection", List.of("close"));
        }
        if (bodiless || length == 0) {
            // This ends the exchange in the server, which then waits for the rest of the request: not before ours ends.
            unsent = status;
            return OutputStream.nullOutputStream();
        }
        endsWithTheConnection = length < 0 && exchange.getProtocol().equals("HTTP/1.0");
        lingerOnClose(RESET);
        exchange.sendResponseHeaders(status, Math.max(0, length));
        OutputStream out = exchange.getResponseBody();
        body = out;
        return new AnswerStream(out, client);
    }

    /** The answer's body. Closing it leaves the server's open, whose own close waits for the rest of the request. */
    private static final class AnswerStream extends FilterOutputStream implements WriteReadiness {

        /** Written without asking again: a small part of what is free when Linux says that a socket is writable. */
        private static final int AT_ONCE = 2048;

        private final WriteReadiness client;
        private int free;

        AnswerStream(OutputStream out, WriteReadiness client) {
            super(out);
            this.client = client;
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            free -= count;
            out.write(bytes, offset, count);
        }

        @Override
        public boolean isWritable() {
            if (free <= 0 && client.isWritable()) {
                free = AT_ONCE;
            }
            return free > 0;
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }
    }

    /** Whether {@link #finish} will end the connection. A client that was too slow is still being read from. */
    private boolean isLast(int status) {
        return status == TOO_SLOW || request.isBroken() || status >= 400 && request.hasMoreThan(DROPPED_AT_MOST);
    }

    /** The server hears only a {@code Connection: close} that stands alone, and does not repeat it. */
    private boolean asksToClose() {
        for (String value : exchange.getRequestHeaders().getOrDefault("Connection", List.of())) {
            for (String option : value.split(",")) {
                if (option.strip().equalsIgnoreCase("close")) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Has the connection end by a reset, or again in order. To a client of HTTP/1.0 the end of the connection is the end of
     * the answer, so until that is whole, it must not end in order, whoever closes it and when.
     */
    private void lingerOnClose(int seconds) throws IOException {
        if (endsWithTheConnection && channel.isPresent()) {
            channel.get().setOption(StandardSocketOptions.SO_LINGER, seconds);
        }
    }

    /**
     * Ends an answer that is whole. A client that is still sending may do so for a short time and keep its connection;
     * one that cannot be understood any more, or whom an abandoned upload still reads from, loses it after the answer.
     */
    void finish() throws IOException {
        if (request.isAtEnd()) {
            end();
            return;
        }
        if (request.isBroken()) {
            channel.ifPresent(LingeringClose::await);
            throw new IOException("nobody knows where the next request begins"); // the answer has been flushed
        }
        boolean alone = request.stopReading();
        Interruption limit = Interruption.in(PATIENCE.multipliedBy(2));
        try {
            if (alone && body != null && !dropRest()) {
                channel.ifPresent(LingeringClose::await);
                throw new IOException("the client went on sending");
            }
            end();
        } finally {
            limit.close();
        }
        if (!alone) {
            throw new IOException("the connection cannot be used any more");
        }
    }

    private boolean dropRest() throws IOException {
        if (request.hasMoreThan(DROPPED_AT_MOST)) {
            return false;
        }
        long end = System.nanoTime() + PATIENCE.toNanos();
        byte[] piece = new byte[PIECE];
        for (long dropped = 0; dropped < DROPPED_AT_MOST && System.nanoTime() - end < 0; ) {
            int read = request.read(piece, 0, piece.length);
            if (read < 0) {
                return true;
            }
            dropped += read;
        }
        return request.isAtEnd();
    }

    private void end() throws IOException {
        OutputStream out = body;
        if (out != null) {
            lingerOnClose(IN_ORDER);
            out.close();
        } else if (unsent != 0) {
            exchange.sendResponseHeaders(unsent, -1);
        }
    }
}
