package dev.pdrouter.internal.http;

import java.io.EOFException;
import java.io.IOException;

/** A body as long as its {@code Content-Length} says, or until the engine closes the connection. */
final class PlainBody extends AnswerBody {

    private final InputBuffer input;
    private final boolean untilClose;
    private long left;

    PlainBody(Call call, ResponseHead head) {
        super(call, head.persistent() && head.length() >= 0);
        this.input = call.input();
        this.untilClose = head.length() < 0;
        this.left = untilClose ? Long.MAX_VALUE : head.length();
        if (left == 0) {
            ended();
        }
    }

    @Override
    int decode(byte[] b, int off, int len) throws IOException {
        int count = input.read(b, off, (int) Math.min(len, left));
        if (count < 0) {
            if (!untilClose) {
                throw new EOFException("the connection was closed within the body of the answer");
            }
            ended();
            return -1;
        }
        left -= count;
        if (left == 0) {
            ended();
        }
        return count;
    }

    @Override
    int decodable() {
        return (int) Math.min(left, input.available());
    }
}
