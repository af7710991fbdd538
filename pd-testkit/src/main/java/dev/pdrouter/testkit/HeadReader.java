package dev.pdrouter.testkit;

import java.io.IOException;
import java.util.List;

/** Reads the head of a request and refuses what RFC 9112 refuses. */
final class HeadReader {
    private HeadReader() {}

    static RequestHead read(WireInput in) throws IOException {
        String[] start = in.line().split(" ", -1);
        if (start.length != 3 || !start[2].equals("HTTP/1.1")) {
            throw new MalformedRequest("not a request line of HTTP/1.1");
        }
        RequestHead head = new RequestHead(start[0], start[1], in.fields());
        if (head.headerValues("Host").size() != 1) {
            throw new MalformedRequest("no Host, or several");
        }
        List<String> lengths = head.headerValues("Content-Length");
        List<String> codings = head.headerValues("Transfer-Encoding");
        if (lengths.size() + codings.size() > 1) {
            throw new MalformedRequest("more than one of Content-Length and Transfer-Encoding");
        }
        if (!codings.stream().allMatch("chunked"::equalsIgnoreCase)
                || !lengths.stream().allMatch(length -> length.matches("[0-9]{1,18}"))) {
            throw new MalformedRequest("a Transfer-Encoding or Content-Length that cannot be understood");
        }
        return head;
    }
}
