package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One call to an {@link Engine}: what was asked, how it is answered, and what became of it.
 *
 * <p>What was asked and what became of it can be read by any thread, also when the call is over; the handler answers.
 * Times are of {@link System#nanoTime}.
 */
public final class EngineCall {
    private final EngineConnection connection;
    private final RequestHead head;
    private final InputStream bodyStream;
    private final byte[] body;
    private final long received = System.nanoTime();
    private volatile OptionalLong answered = OptionalLong.empty();
    private volatile OptionalLong gone = OptionalLong.empty();
    private volatile boolean begun;
    private volatile boolean cut;

    EngineCall(EngineConnection connection, RequestHead head, InputStream bodyStream, byte[] body) {
        this.connection = connection;
        this.head = head;
        this.bodyStream = bodyStream;
        this.body = body;
    }

    /**
     * The first lines of the request.
     *
     * @return method, target and headers as they came
     */
    public RequestHead head() {
        return head;
    }

    /**
     * Looks a header up.
     *
     * @param name in any case
     * @return the first value
     */
    public Optional<String> header(String name) {
        return head.header(name);
    }

    /**
     * The whole body.
     *
     * @return the bytes without transfer coding, not copied; none when the engine leaves bodies to its handler
     */
    public byte[] body() {
        return body;
    }

    /**
     * The whole body as text.
     *
     * @return the body, read as UTF-8
     */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /**
     * The whole body as JSON.
     *
     * @return the value, key order and big numbers kept
     * @throws AssertionError when it is not JSON
     */
    public JsonNode json() {
        return Json.parse(body).orElseThrow(() -> new AssertionError("the body is not JSON"));
    }

    /**
     * The body as it comes, for an engine that {@linkplain EngineBuilder#streamBodies leaves it to its handler}.
     *
     * @return read by the handler's thread only; fails when the peer leaves before its end
     */
    public InputStream bodyStream() {
        return bodyStream;
    }

    /**
     * The connection that the call came over.
     *
     * @return its number, counted from 0 in the order of connecting
     */
    public int connection() {
        return connection.number();
    }

    /**
     * Sends a whole answer.
     *
     * @param status from 200 to 599
     * @param contentType what the body is
     * @param text the body
     * @throws IOException when the peer is gone
     */
    public void answer(int status, String contentType, String text) throws IOException {
        answer(status, List.of(new HeaderField("Content-Type", contentType)), text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends a whole answer, in one write.
     *
     * @param status from 200 to 599
     * @param headers all but {@code Content-Length}, which is added except with 204 and 304. {@code Connection: close}
     *     closes the connection afterwards
     * @param bytes the body; not written to a {@code HEAD}
     * @throws IOException when the peer is gone
     */
    public void answer(int status, List<HeaderField> headers, byte[] bytes) throws IOException {
        begun = true;
        connection.write(AnswerHead.whole(status, headers, bytes, head.method().equals("HEAD")));
        ended(AnswerHead.closes(headers));
    }

    /**
     * Begins an answer that is sent piece by piece: in chunks, or bare when the headers have a {@code Content-Length}.
     *
     * @param status from 200 to 599
     * @param headers the answer's
     * @return takes the pieces
     * @throws IOException when the peer is gone
     */
    public AnswerPieces begin(int status, List<HeaderField> headers) throws IOException {
        begun = true;
        boolean chunked = AnswerHead.isChunked(headers);
        connection.write(AnswerHead.begin(status, headers, chunked));
        return new AnswerPieces(connection, chunked, () -> ended(AnswerHead.closes(headers)));
    }

    /**
     * Begins a stream of events.
     *
     * @return takes the events
     * @throws IOException when the peer is gone
     */
    public AnswerPieces beginEvents() throws IOException {
        return begin(200, List.of(new HeaderField("Content-Type", "text/event-stream; charset=utf-8")));
    }

    /**
     * Writes to the socket as it is: interim answers, nonsense, half a head.
     *
     * @param bytes what to write
     * @throws IOException when the peer is gone
     */
    public void raw(byte[] bytes) throws IOException {
        begun = true;
        connection.write(bytes);
    }

    /**
     * Writes text to the socket as it is.
     *
     * @param text what to write, in UTF-8
     * @throws IOException when the peer is gone
     */
    public void raw(String text) throws IOException {
        raw(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Closes the connection in order, by FIN; after {@link #begin} this is a cut answer. */
    public void close() {
        begun = true;
        connection.close();
    }

    /** Closes the connection by RST. */
    public void reset() {
        begun = true;
        connection.reset();
    }

    /**
     * Waits a while, or shorter if the peer leaves: how an engine paces itself.
     *
     * @param timeout at most
     * @return whether the peer has closed its connection
     * @throws InterruptedException when the thread was interrupted
     */
    public boolean goneWithin(Duration timeout) throws InterruptedException {
        return connection.signal().await(() -> gone.isPresent(), timeout);
    }

    /**
     * Waits until the peer closes the connection, by FIN or RST.
     *
     * @param timeout at most
     * @return when that was seen
     * @throws InterruptedException when the thread was interrupted
     * @throws AssertionError when it is still there
     */
    public long awaitGone(Duration timeout) throws InterruptedException {
        connection.signal().expect(() -> gone.isPresent(), timeout, "the peer leaves " + head.target());
        return gone.orElseThrow();
    }

    /**
     * Waits until the answer is whole.
     *
     * @param timeout at most
     * @return when its last byte was written
     * @throws InterruptedException when the thread was interrupted
     * @throws AssertionError when it is not
     */
    public long awaitAnswered(Duration timeout) throws InterruptedException {
        connection.signal().expect(() -> answered.isPresent(), timeout, "an answer to " + head.target());
        return answered.orElseThrow();
    }

    /**
     * Waits until the answer is whole, the peer has left, or the engine has broken off.
     *
     * @param timeout at most
     * @throws InterruptedException when the thread was interrupted
     * @throws AssertionError when it is none of them
     */
    public void awaitOver(Duration timeout) throws InterruptedException {
        connection
                .signal()
                .expect(() -> answered.isPresent() || gone.isPresent() || cut, timeout, "the end of " + head.target());
    }

    /**
     * When the request had come.
     *
     * @return after its body, or after its head when the engine leaves bodies to its handler
     */
    public long received() {
        return received;
    }

    /**
     * When the answer was whole.
     *
     * @return empty before, or when it was cut
     */
    public OptionalLong answered() {
        return answered;
    }

    /**
     * When the peer closed the connection.
     *
     * @return empty before, and when another call came over the connection first
     */
    public OptionalLong gone() {
        return gone;
    }

    boolean isBegun() {
        return begun;
    }

    void peerLeft() {
        connection.signal().update(() -> gone = OptionalLong.of(System.nanoTime()));
    }

    /** The engine gives up in the middle. */
    void cut() {
        connection.signal().update(() -> cut = true);
        connection.close();
    }

    private void ended(boolean close) {
        connection.signal().update(() -> answered = OptionalLong.of(System.nanoTime()));
        if (close || head.says("Connection", "close")) {
            connection.close();
        }
    }
}
