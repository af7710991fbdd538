package dev.pdrouter.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class Utf8Test {

    private static final byte[] FURTHER = {0, 'a', 0x7F, (byte) 0x80, (byte) 0x8F, (byte) 0xBF, (byte) 0xC0, (byte) 0xFF
    };

    private final CharsetDecoder decoder = UTF_8.newDecoder();

    @Test
    void sequencesAreValidWhereTheJdkDecodesThem() {
        for (int lead = 0x80; lead <= 0xFF; lead++) {
            for (int second = 0; second <= 0xFF; second++) {
                for (byte third : FURTHER) {
                    for (byte fourth : FURTHER) {
                        agrees((byte) lead, (byte) second, third, fourth);
                    }
                    agrees((byte) lead, (byte) second, third);
                }
                agrees((byte) lead, (byte) second);
            }
            agrees((byte) lead);
        }
    }

    @Test
    void asciiAroundASequenceChangesNothing() {
        for (int before = 0; before < 40; before++) {
            for (int behind = 0; behind < 20; behind++) {
                byte[] bytes = ("x".repeat(before) + "\u6f22\u00e9" + "x".repeat(behind)).getBytes(UTF_8);
                agrees(bytes);
                bytes[before + 2] = 'x';
                agrees(bytes);
            }
        }
    }

    /** As it is, and across the borders of eight bytes. */
    private void agrees(byte... bytes) {
        agree(bytes);
        int before = 4 + bytes[0] % 4;
        byte[] within = new byte[before + bytes.length + 8];
        Arrays.fill(within, (byte) 'x');
        System.arraycopy(bytes, 0, within, before, bytes.length);
        agree(within);
        agree(Arrays.copyOf(within, before + bytes.length));
    }

    private void agree(byte[] bytes) {
        if (Utf8.isValid(bytes) != decodes(bytes)) {
            fail("the JDK thinks otherwise of " + HexFormat.of().formatHex(bytes));
        }
    }

    private boolean decodes(byte[] bytes) {
        CharBuffer characters = CharBuffer.allocate(bytes.length);
        return decoder.reset().decode(ByteBuffer.wrap(bytes), characters, true).isUnderflow();
    }
}
