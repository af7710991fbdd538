package dev.pdrouter.internal.http;

import java.io.OutputStream;
import java.util.Arrays;

/** Bytes that leave together, in one write. Grows as needed. */
final class SendBuffer extends OutputStream {

    private static final int INITIAL = 2 * 1024;
    private static final int KEPT = 20 * 1024;

    private byte[] bytes = new byte[INITIAL];
    private int size;

    byte[] bytes() {
        return bytes;
    }

    int size() {
        return size;
    }

    /** Forgets what it holds, and memory that only an unusual request needed. */
    void clear() {
        size = 0;
        if (bytes.length > KEPT) {
            bytes = new byte[INITIAL];
        }
    }

    /** Forgets all but the last bytes. */
    void keepLast(int count) {
        System.arraycopy(bytes, size - count, bytes, 0, count);
        size = count;
    }

    @Override
    public void write(int b) {
        reserve(1);
        bytes[size++] = (byte) b;
    }

    @Override
    public void write(byte[] b, int off, int len) {
        reserve(len);
        System.arraycopy(b, off, bytes, size, len);
        size += len;
    }

    void write(String latin1) {
        int length = latin1.length();
        reserve(length);
        for (int i = 0; i < length; i++) {
            bytes[size++] = (byte) latin1.charAt(i);
        }
    }

    private void reserve(int more) {
        if (more > bytes.length - size) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), bytes.length * 2));
        }
    }
}
