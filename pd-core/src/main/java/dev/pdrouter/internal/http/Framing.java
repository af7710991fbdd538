package dev.pdrouter.internal.http;

import java.io.IOException;

/** What the header lines of an answer say about where its body ends and what becomes of the connection. */
final class Framing {

    private boolean coded;
    private boolean close;
    private boolean keepAlive;
    private long length = -1;

    void see(String name, String value) throws IOException {
        switch (name.length()) {
            case 10 -> {
                if (name.equalsIgnoreCase("Connection")) {
                    seeConnection(value);
                }
            }
            case 14 -> {
                if (isLength(name)) {
                    seeLengths(value);
                }
            }
            case 17 -> {
                if (name.equalsIgnoreCase("Transfer-Encoding")) {
                    seeCoding(value);
                }
            }
            default -> {}
        }
    }

    static boolean isLength(String name) {
        return name.equalsIgnoreCase("Content-Length");
    }

    private void seeConnection(String value) {
        for (String option : value.split(",", -1)) {
            close |= option.strip().equalsIgnoreCase("close");
            keepAlive |= option.strip().equalsIgnoreCase("keep-alive");
        }
    }

    /** RFC 9110 8.6: a length that is repeated is one length. */
    private void seeLengths(String value) throws IOException {
        for (String digits : value.split(",", -1)) {
            long next = parse(digits.strip());
            if (length >= 0 && length != next) {
                throw new IOException("the answer has two lengths");
            }
            length = next;
        }
    }

    private static long parse(String digits) throws IOException {
        boolean number = !digits.isEmpty() && digits.length() <= 18;
        for (int i = 0; i < digits.length(); i++) {
            number &= digits.charAt(i) >= '0' && digits.charAt(i) <= '9';
        }
        if (!number) {
            throw new IOException("the answer's length is no number");
        }
        return Long.parseLong(digits);
    }

    private void seeCoding(String value) throws IOException {
        if (coded || !value.equalsIgnoreCase("chunked")) {
            throw new IOException("the answer's transfer coding is not chunked");
        }
        coded = true;
    }

    boolean isChunked() {
        return coded;
    }

    /** RFC 9112 6.1 and 6.3: both a coding and a length, or a coding in HTTP/1.0, look like smuggling. */
    boolean isPersistent(boolean http11) {
        return http11 ? !close && !(coded && length >= 0) : keepAlive && !close && !coded;
    }

    /** @return bytes, -1 when the answer does not say */
    long length() {
        return length;
    }
}
