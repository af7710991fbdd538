package dev.pdrouter.internal.httpclient;

import dev.pdrouter.Body;
import dev.pdrouter.EngineRequest;
import dev.pdrouter.EngineResponse;
import dev.pdrouter.internal.http.BytesBody;
import dev.pdrouter.internal.http.RequestBodyException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.channels.UnresolvedAddressException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Blocking exchanges over the JDK's client, with the failures that {@link dev.pdrouter.Transport} promises. */
public final class JdkExchange {

    private final HttpClient client;
    private final String scheme;

    /**
     * Exchanges of one client.
     *
     * @param client whose executor calls what it is given at once or on virtual threads
     * @param scheme {@code http} or {@code https}
     */
    public JdkExchange(HttpClient client, String scheme) {
        this.client = client;
        this.scheme = scheme;
    }

    /**
     * Sends a request; the contract is {@link dev.pdrouter.Transport#send}'s.
     *
     * @param request what to send
     * @return the answer
     * @throws RequestBodyException when the request's body could not be read
     * @throws IOException when the exchange broke off
     * @throws InterruptedException when the thread was interrupted
     */
    public EngineResponse send(EngineRequest request) throws IOException, InterruptedException {
        Body body = BytesBody.readIfShort(request.body());
        if (body.length() == 0) {
            return send(JdkRequest.of(scheme, request, BodyPublishers.noBody()));
        }
        if (body.isRepeatable()) {
            return sendRanges(request, new Ranges(body));
        }
        return upload(request, body);
    }

    private EngineResponse sendRanges(EngineRequest request, Ranges ranges) throws IOException, InterruptedException {
        try {
            return send(JdkRequest.of(scheme, request, ranges));
        } catch (IOException e) {
            RequestBodyException failure = ranges.failure();
            throw failure == null ? e : failure;
        }
    }

    private EngineResponse upload(EngineRequest request, Body body) throws IOException, InterruptedException {
        Pump pump = new Pump(body);
        BodyPublisher publisher = pump;
        try {
            return send(JdkRequest.of(scheme, request, publisher));
        } catch (IOException e) {
            Throwable source = pump.sourceFailure();
            if (source == null) {
                throw e;
            }
            throw source instanceof RequestBodyException known ? known : new RequestBodyException(source);
        } catch (InterruptedException e) {
            pump.stop();
            throw e;
        }
    }

    private EngineResponse send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<AnswerStream> response;
        Given given = new Given();
        try {
            response = client.send(request, given);
        } catch (InterruptedException e) {
            given.abandon();
            throw e;
        } catch (IOException e) {
            throw explain(e, request.uri().getHost());
        } catch (IllegalArgumentException e) {
            throw new IOException("the answer is no HTTP", e); // a length that is no number
        }
        Optional<String> problem = AnswerCheck.problem(response.statusCode(), response.headers());
        if (problem.isPresent()) {
            response.body().close();
            throw new IOException("the answer is no HTTP: " + problem.get());
        }
        return new EngineResponse(response.statusCode(), response.headers(), response.body());
    }

    /** The answer's body, which the client forgets, with its connection, when an interrupt comes as it hands it out. */
    private static final class Given implements BodyHandler<AnswerStream> {
        private @Nullable AnswerStream answer;
        private boolean abandoned;

        @Override
        public synchronized AnswerStream apply(ResponseInfo head) {
            answer = new AnswerStream();
            if (abandoned) {
                answer.close();
            }
            return answer;
        }

        synchronized void abandon() {
            abandoned = true;
            if (answer != null) {
                answer.close();
            }
        }
    }

    private static IOException explain(IOException e, String host) {
        if (e instanceof HttpConnectTimeoutException) {
            return (IOException) new SocketTimeoutException("connect timed out").initCause(e);
        }
        if (!(e instanceof ConnectException)) {
            return e;
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return (IOException)
                        new ConnectException("the name cannot be resolved").initCause(new UnknownHostException(host));
            }
        }
        return e;
    }
}
