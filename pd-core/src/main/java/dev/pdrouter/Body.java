package dev.pdrouter;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The body of a request to an engine.
 *
 * <p>It is pushed, so that an edited prompt goes to the socket range by range without a copy.
 */
public interface Body {

    /** No body: neither a length nor a coding is sent. */
    Body NONE = new Body() {
        @Override
        public long length() {
            return 0;
        }

        @Override
        public void writeTo(OutputStream out) {}

        @Override
        public boolean isRepeatable() {
            return true;
        }
    };

    /**
     * The length.
     *
     * @return bytes, or -1 when it is not known beforehand
     */
    long length();

    /**
     * Writes the whole body; neither flushes nor closes.
     *
     * @param out where to
     * @throws IOException when reading the source or writing fails
     */
    void writeTo(OutputStream out) throws IOException;

    /**
     * Whether {@link #writeTo} can be called again and writes the same bytes.
     *
     * <p>If so, it writes arrays that it does not change afterwards, so that a transport can send them without a copy
     * when it has returned.
     *
     * @return false for a stream that is read as it is sent
     */
    boolean isRepeatable();

    /**
     * A body that is read from a stream as it is sent.
     *
     * @param source read once, to its end; stays the caller's to close
     * @param length bytes, or -1 when unknown
     * @return the body
     */
    static Body of(InputStream source, long length) {
        return new Body() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                source.transferTo(out);
            }

            @Override
            public boolean isRepeatable() {
                return false;
            }
        };
    }
}
