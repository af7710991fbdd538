package dev.pdrouter.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A prefill is let alone for four times as long as others take. */
class PrefillPaceTest {

    private final PrefillPace pace = new PrefillPace();

    private void took(Duration time, int times) {
        for (int i = 0; i < times; i++) {
            pace.took(time);
        }
    }

    @Test
    void thatIsNeverLessThanMostShortOnesTake() {
        assertThat(pace.undisturbed()).isEqualTo(PrefillPace.SHORTEST);
        took(Duration.ofMillis(20), 100);
        assertThat(pace.undisturbed()).isEqualTo(PrefillPace.SHORTEST);
    }

    @Test
    void itFollowsThePrefills() {
        took(Duration.ofMillis(300), 100);
        assertThat(pace.undisturbed()).isBetween(Duration.ofMillis(1150), Duration.ofMillis(1200));
        took(Duration.ofMillis(20), 100);
        assertThat(pace.undisturbed()).isEqualTo(PrefillPace.SHORTEST);
    }

    @Test
    void oneLongPrefillIsNoRule() {
        took(Duration.ofMillis(20), 100);
        took(Duration.ofSeconds(1), 1);
        assertThat(pace.undisturbed()).isLessThan(Duration.ofMillis(350));
    }

    @Test
    void longPrefillsAreGivenUpAllTheSame() {
        took(Duration.ofSeconds(60), 100);
        assertThat(pace.undisturbed()).isEqualTo(PrefillPace.LONGEST);
    }
}
