package dev.pdrouter.internal.http;

import dev.pdrouter.Body;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** A short body that was read before it is sent, so that it can be sent again. */
public final class BytesBody implements Body {

    /** A body up to this size is read before it is sent; the sockets' buffers hold as much without being read. */
    private static final int SHORT = 64 * 1024;

    private final byte[] bytes;

    private BytesBody(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads a body if it is a stream that is known to be short.
     *
     * @param body any body
     * @return what was read, or the same body
     * @throws RequestBodyException when it could not be read, or is not as long as it says
     */
    public static Body readIfShort(Body body) throws RequestBodyException {
        return body.isRepeatable() || body.length() < 0 || body.length() > SHORT ? body : of(body);
    }

    private static BytesBody of(Body source) throws RequestBodyException {
        SendBuffer buffer = new SendBuffer();
        try {
            source.writeTo(new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] b, int off, int len) throws IOException {
                    require(len <= source.length() - buffer.size());
                    buffer.write(b, off, len);
                }
            });
            require(buffer.size() == source.length());
        } catch (RequestBodyException e) {
            throw e;
        } catch (IOException e) {
            throw new RequestBodyException(e);
        }
        return new BytesBody(Arrays.copyOf(buffer.bytes(), buffer.size()));
    }

    private static void require(boolean asLongAsPromised) throws RequestBodyException {
        if (!asLongAsPromised) {
            throw new RequestBodyException("the request's body is not as long as its length says");
        }
    }

    @Override
    public long length() {
        return bytes.length;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        out.write(bytes);
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }
}
