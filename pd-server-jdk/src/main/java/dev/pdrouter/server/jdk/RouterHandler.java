package dev.pdrouter.server.jdk;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.pdrouter.PdRequest;
import dev.pdrouter.PdRouter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpHeaders;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands each of the server's exchanges to the router, and tells the router's thread when the client leaves. */
final class RouterHandler implements HttpHandler {

    private static final Logger LOG = LoggerFactory.getLogger(RouterHandler.class);

    /** The longest body that a loop may be kept busy with: a millisecond when it is text, two or three when it is token ids. */
    private static final int SMALL = 1280 * 1024;

    private final PdRouter router;
    private final int rank;
    private final ClientWatch watch;
    private final HeadTimeout heads;
    private final ClientStreams streams;
    private final @Nullable AsideThread aside;
    private final AtomicInteger active = new AtomicInteger();

    RouterHandler(
            PdRouter router,
            int rank,
            ClientWatch watch,
            HeadTimeout heads,
            ClientStreams streams,
            @Nullable AsideThread aside) {
        this.router = router;
        this.rank = rank;
        this.watch = watch;
        this.heads = heads;
        this.streams = streams;
        this.aside = aside;
    }

    /**
     * Handles one exchange. It is closed only when the answer is whole: the server drops the connection when this
     * throws, which is how a client sees that its answer was cut.
     */
    @Override
    public void handle(HttpExchange exchange) throws IOException {
        active.incrementAndGet();
        try {
            heads.complete();
            answer(exchange);
        } catch (Error e) {
            // The server would let it end the thread and keep the connection.
            LOG.error("a request met a fault of the server", e);
            throw new IOException(e);
        } finally {
            active.decrementAndGet();
        }
    }

    /** Whether an exchange is not finished yet, be it only that the end of its answer is being written. */
    boolean isActive() {
        return active.get() > 0;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String target = exchange.getRequestURI().toString();
        String method = exchange.getRequestMethod();
        Optional<String> fault = streams.input(exchange).flatMap(ClientInput::endHead);
        Optional<ServerError> problem = RequestCheck.problem(exchange, watch.requestLine(exchange), fault);
        if (problem.isPresent()) {
            refuse(exchange, problem.get());
        }
        ExchangeBody body = new ExchangeBody(exchange);
        Optional<SocketChannel> channel = watch.channel(exchange);
        ExchangeAnswer answer = new ExchangeAnswer(
                exchange,
                body,
                channel,
                streams.output(exchange),
                router::isDraining,
                () -> channel.isPresent() && watch.isWritable(channel.get()));
        if (target.equals("/health") && method.equals("GET") && body.isAtEnd() && !router.isDraining()) {
            answer.begin(200, HttpHeaders.of(Map.of("Content-Length", List.of("0")), (name, value) -> true));
            answer.finish();
            return;
        }
        HttpHeaders headers = HttpHeaders.of(exchange.getRequestHeaders(), (name, value) -> true);
        try (ClientWatch.Watched watched = watch.watch(exchange)) {
            body.watchedBy(watched);
            answer.watchedBy(watched);
            PdRequest request = new PdRequest(method, target, headers, body, rank);
            if (aside != null && body.mayExceed(SMALL)) {
                aside.run(() -> router.handle(request, answer));
            } else {
                router.handle(request, answer);
            }
        } catch (InterruptedException e) {
            throw (IOException) new InterruptedIOException("the client left").initCause(e);
        }
        answer.finish();
    }

    /** Answers what is no request that a proxy may pass on, and drops the connection: where the next begins is unsure. */
    private void refuse(HttpExchange exchange, ServerError error) throws IOException {
        exchange.getResponseHeaders().put("Connection", List.of("close"));
        error.answer(exchange);
        watch.channel(exchange).ifPresent(LingeringClose::await);
        throw new IOException(error.message());
    }
}
