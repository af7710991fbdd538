package dev.pdrouter.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pdrouter.PdException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that are put together from what comes. */
class WholeBodyTest {

    private static final int MIB = 1024 * 1024;

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static WholeBody received(BodyMemory.Share memory, byte[] bytes, boolean announced) throws Exception {
        WholeBody whole = new WholeBody(memory, announced ? bytes.length : -1);
        Random random = new Random(7);
        for (int at = 0; at < bytes.length; ) {
            byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(100_000)));
            whole.add(piece, piece.length);
            at += piece.length;
        }
        return whole;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16 * 1024, 16 * 1024 + 1, 64 * 1024, 64 * 1024 + 1, 3 * MIB, 33 * MIB})
    void everyByteIsThereInItsPlace(int size) throws Exception {
        byte[] bytes = random(size);
        for (boolean announced : new boolean[] {true, false}) {
            try (BodyMemory.Share memory = new BodyMemory(Long.MAX_VALUE).share()) {
                assertThat(Arrays.equals(received(memory, bytes, announced).bytes(), bytes))
                        .isTrue();
            }
        }
    }

    @Test
    void exactlyWhatHasComeIsCounted() throws Exception {
        BodyMemory all = new BodyMemory(1000);
        try (BodyMemory.Share first = all.share();
                BodyMemory.Share second = all.share()) {
            WholeBody half = new WholeBody(first, 900);
            half.add(new byte[600], 600);
            second.requireRoomFor(400);
            assertThatThrownBy(() -> second.requireRoomFor(401)).isInstanceOf(PdException.Unavailable.class);
            WholeBody other = new WholeBody(second, -1);
            other.add(new byte[400], 400);
            assertThatThrownBy(() -> half.add(new byte[1], 1)).isInstanceOf(PdException.Unavailable.class);
        }
        try (BodyMemory.Share next = all.share()) {
            next.requireRoomFor(1000);
        }
    }

    @Test
    void aLargeBodyIsHeldOnceAndCountedWholeWhenAQuarterOfItHasCome() throws Exception {
        BodyMemory all = new BodyMemory(10L * MIB);
        try (BodyMemory.Share memory = all.share()) {
            WholeBody whole = new WholeBody(memory, 8 * MIB);
            byte[] quarter = new byte[2 * MIB];
            whole.add(quarter, quarter.length);
            memory.requireRoomFor(8 * MIB);
            whole.add(quarter, quarter.length);
            memory.requireRoomFor(2 * MIB);
            assertThatThrownBy(() -> memory.requireRoomFor(2 * MIB + 1)).isInstanceOf(PdException.Unavailable.class);
            byte[] array = whole.segment();
            whole.add(new byte[4 * MIB], 4 * MIB);
            assertThat(whole.bytes()).isSameAs(array);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64 * 1024 + 1, 100_000, 1_000_000})
    void itsArrayIsMadeWhenAQuarterOfItHasComeAndNotCopiedAgain(int size) throws Exception {
        byte[] bytes = random(size);
        try (BodyMemory.Share memory = new BodyMemory(Long.MAX_VALUE).share()) {
            WholeBody whole = new WholeBody(memory, size);
            while (whole.segment().length < size) {
                assertThat(whole.offset()).isLessThan(whole.segment().length);
                assertThat(whole.count()).isLessThanOrEqualTo(size / 2);
                whole.add(Arrays.copyOfRange(bytes, whole.count(), whole.count() + 1000), 1000);
            }
            byte[] array = whole.segment();
            whole.add(Arrays.copyOfRange(bytes, whole.count(), size), size - whole.count());
            assertThat(whole.bytes()).isSameAs(array).isEqualTo(bytes);
        }
    }

    @Test
    void aBodyThatIsTooLargeToCopyUncountedIsCountedForWhatItTakes() throws Exception {
        byte[] bytes = new byte[40 * MIB];
        BodyMemory all = new BodyMemory(50L * MIB);
        try (BodyMemory.Share announced = all.share()) {
            assertThat(received(announced, bytes, true).bytes()).hasSize(bytes.length);
            assertThatThrownBy(() -> announced.requireRoomFor(11 * MIB)).isInstanceOf(PdException.Unavailable.class);
        }
        try (BodyMemory.Share surprising = all.share()) {
            WholeBody whole = received(surprising, bytes, false);
            assertThatThrownBy(whole::bytes).isInstanceOf(PdException.Unavailable.class);
        }
    }
}
