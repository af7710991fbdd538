package dev.pdrouter.internal.http;

import java.io.IOException;
import java.net.http.HttpHeaders;

/**
 * The head of an answer, and how its body is delimited (RFC 9112 6.3).
 *
 * @param persistent whether the connection can serve another request afterwards
 * @param chunked whether the body is
 * @param length of the body in bytes, -1 when the end of the connection ends it
 */
record ResponseHead(int status, HttpHeaders headers, boolean persistent, boolean chunked, long length) {

    private static final int LIMIT = 384 * 1024;

    /** Reads the head of the final answer. */
    static ResponseHead read(InputBuffer input) throws IOException {
        int left = LIMIT;
        while (true) {
            ResponseHeadParser parser = new ResponseHeadParser(input, left);
            ResponseHead head = parser.parse();
            if (head.status == 101) {
                throw new IOException("the answer switches protocols");
            }
            if (head.status >= 200) {
                return head;
            }
            left = parser.left();
        }
    }

    boolean hasBody(String method) {
        return !method.equals("HEAD") && status != 204 && status != 304;
    }

    ResponseHead withoutBody() {
        return new ResponseHead(status, headers, persistent, false, 0);
    }
}
