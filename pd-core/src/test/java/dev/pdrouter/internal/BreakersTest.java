package dev.pdrouter.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.Target;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BreakersTest {

    private static final Target A = new Target("a", 1);
    private static final Target B = new Target("b", 1);

    private long now = Long.MAX_VALUE - 1; // it may overflow
    private final Breakers breakers = new Breakers(() -> now);

    private void fail(Target prefiller, int times) {
        for (int i = 0; i < times; i++) {
            try (Breakers.Permit permit = breakers.permit(prefiller).orElseThrow()) {
                permit.failed();
            }
        }
    }

    private boolean isPassedOver(Target prefiller) {
        return breakers.permit(prefiller)
                .map(permit -> {
                    permit.close();
                    return permit;
                })
                .isEmpty();
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void failuresInARowHaveAPrefillerPassedOverAndNoOther() {
        fail(A, Breakers.FAILURES - 1);
        assertThat(isPassedOver(A)).isFalse();
        fail(A, 1);
        assertThat(isPassedOver(A)).isTrue();
        assertThat(isPassedOver(B)).isFalse();
    }

    @Test
    void aSuccessBetweenFailuresStartsTheCountAgain() {
        fail(A, Breakers.FAILURES - 1);
        breakers.permit(A).orElseThrow().served();
        fail(A, Breakers.FAILURES - 1);
        assertThat(isPassedOver(A)).isFalse();
    }

    @Test
    void afterAWhileOneRequestTriesAndTheOthersWaitForIt() {
        fail(A, Breakers.FAILURES);
        pass(Breakers.SHORTEST.minusNanos(1));
        assertThat(isPassedOver(A)).isTrue();
        pass(Duration.ofNanos(1));
        Breakers.Permit trial = breakers.permit(A).orElseThrow();
        assertThat(isPassedOver(A)).isTrue();
        trial.served();
        trial.close();
        assertThat(isPassedOver(A)).isFalse();
        fail(A, Breakers.FAILURES - 1);
        assertThat(isPassedOver(A)).isFalse();
    }

    @Test
    void aTrialThatCameToNothingLeavesItToAnother() {
        fail(A, Breakers.FAILURES);
        pass(Breakers.SHORTEST);
        breakers.permit(A).orElseThrow().close();
        assertThat(isPassedOver(A)).isFalse();
    }

    @Test
    void eachTrialThatFailsDoublesThePauseUpToALimit() {
        fail(A, Breakers.FAILURES);
        Duration pause = Breakers.SHORTEST;
        for (int i = 0; i < 10; i++) {
            pass(pause);
            fail(A, 1);
            pause = pause.multipliedBy(2).compareTo(Breakers.LONGEST) < 0 ? pause.multipliedBy(2) : Breakers.LONGEST;
            pass(pause.minusNanos(1));
            assertThat(isPassedOver(A)).isTrue();
            pass(Duration.ofNanos(1).minus(pause));
        }
        assertThat(pause).isEqualTo(Breakers.LONGEST);
    }

    /** They say nothing new: they were under way when it went away. */
    @Test
    void failuresOfRequestsThatAreNoTrialDoNotLengthenThePause() {
        Breakers.Permit underWay = breakers.permit(A).orElseThrow();
        fail(A, Breakers.FAILURES);
        underWay.failed();
        breakers.permitAllTheSame(A).failed();
        pass(Breakers.SHORTEST);
        assertThat(isPassedOver(A)).isFalse();
    }

    @Test
    void onlySoManyPrefillersAreRemembered() {
        fail(A, Breakers.FAILURES);
        for (int i = 0; i < Breakers.MOST - 1; i++) {
            fail(new Target("host" + i, 1), 1);
        }
        assertThat(isPassedOver(A)).isTrue();
        for (int i = 0; i < Breakers.MOST; i++) {
            fail(new Target("other" + i, 1), 1);
        }
        assertThat(isPassedOver(A)).isFalse();
    }
}
