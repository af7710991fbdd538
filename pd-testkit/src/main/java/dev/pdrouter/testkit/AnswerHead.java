package dev.pdrouter.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes the first lines of an answer. */
final class AnswerHead {
    private AnswerHead() {}

    static byte[] whole(int status, List<HeaderField> headers, byte[] body, boolean headOnly) {
        boolean bodiless = status == 204 || status == 304;
        StringBuilder head = lines(status, headers);
        if (!bodiless) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(head.length() + body.length + 2);
        bytes.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        if (!bodiless && !headOnly) {
            bytes.writeBytes(body);
        }
        return bytes.toByteArray();
    }

    static byte[] begin(int status, List<HeaderField> headers, boolean chunked) {
        String head = lines(status, headers) + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
        return head.getBytes(StandardCharsets.UTF_8);
    }

    static boolean isChunked(List<HeaderField> headers) {
        return headers.stream().noneMatch(field -> field.name().equalsIgnoreCase("Content-Length"));
    }

    static boolean closes(List<HeaderField> headers) {
        return headers.stream()
                .anyMatch(field -> field.name().equalsIgnoreCase("Connection")
                        && field.value().equalsIgnoreCase("close"));
    }

    private static StringBuilder lines(int status, List<HeaderField> headers) {
        StringBuilder lines = new StringBuilder("HTTP/1.1 " + status + " " + reason(status) + "\r\n");
        headers.forEach(field ->
                lines.append(field.name()).append(": ").append(field.value()).append("\r\n"));
        return lines;
    }

    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 503 -> "Service Unavailable";
            default -> "Status";
        };
    }
}
