package dev.pdrouter;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;

/**
 * An engine's answer, whose body is still to be read.
 *
 * @param status the final status; interim ones are skipped
 * @param headers as sent, hop-by-hop ones too
 * @param body the body, without transfer coding. Reading it throws when the engine breaks off before its end, and
 *     {@link InputStream#available} tells how much can be read without waiting. At its end the connection can serve
 *     the next request; closing it earlier drops the connection, which is how engines learn of a cancellation
 */
public record EngineResponse(int status, HttpHeaders headers, InputStream body) implements Closeable {

    /** Closes the body. */
    @Override
    public void close() throws IOException {
        body.close();
    }
}
