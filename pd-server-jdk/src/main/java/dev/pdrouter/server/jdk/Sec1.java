package dev.pdrouter.server.jdk;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Looks into an {@code ECPrivateKey} (RFC 5915) for its curve. */
final class Sec1 {

    private static final int PARAMETERS = 0xa0;

    private Sec1() {}

    /**
     * Finds the curve.
     *
     * @param key the encoded key: version, key, perhaps the curve, perhaps the public key
     * @return the encoded identifier, if the key has it
     */
    static Optional<byte[]> curve(byte[] key) {
        try {
            ByteBuffer members = ByteBuffer.wrap(key);
            members.get();
            length(members);
            while (members.hasRemaining()) {
                int tag = Byte.toUnsignedInt(members.get());
                byte[] content = new byte[Math.min(length(members), members.remaining())];
                members.get(content);
                if (tag == PARAMETERS) {
                    return Optional.of(content);
                }
            }
        } catch (BufferUnderflowException e) {
            // Whoever reads the key will say that it is damaged.
        }
        return Optional.empty();
    }

    private static int length(ByteBuffer bytes) {
        int first = Byte.toUnsignedInt(bytes.get());
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = length << 8 | Byte.toUnsignedInt(bytes.get());
        }
        return length & Integer.MAX_VALUE;
    }
}
