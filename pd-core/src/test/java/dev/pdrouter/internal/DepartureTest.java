package dev.pdrouter.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client's leaving interrupts its request's thread, here the test's own; not in a pause, and once only. */
class DepartureTest {

    private static final Duration LONG = Duration.ofDays(1);

    private final Departure departure = new Departure(Thread.currentThread());

    @AfterEach
    void close() {
        departure.close();
        Thread.interrupted();
    }

    @Test
    void aClientThatLeavesIsActedUponAtOnce() {
        departure.left();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void oneThatLeavesInAPauseIsActedUponWhenThatIsEnded() {
        departure.pause(LONG);
        departure.left();
        assertThat(Thread.interrupted()).isFalse();
        departure.resume();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aPauseThatIsNotEndedEndsByItself() {
        departure.pause(Duration.ofMillis(5));
        departure.left();
        assertThatThrownBy(() -> Thread.sleep(Duration.ofSeconds(20))).isInstanceOf(InterruptedException.class);
        departure.resume();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aClientThatLeftInAPauseIsActedUponWhenTheNextBegins() {
        departure.pause(LONG);
        departure.left();
        departure.pause(LONG);
        assertThat(Thread.interrupted()).isTrue();
        departure.resume();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aPauseCanBeCutShortWhileItDelaysAClientsLeaving() {
        departure.pause(LONG);
        departure.left();
        departure.endPauseIn(Duration.ofMillis(5));
        assertThatThrownBy(() -> Thread.sleep(Duration.ofSeconds(20))).isInstanceOf(InterruptedException.class);
    }

    @Test
    void aPauseCanBeMadeLonger() {
        departure.pause(Duration.ofMillis(5));
        departure.endPauseIn(LONG);
        departure.left();
        assertThat(Thread.interrupted()).isFalse();
        departure.resume();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void thatTheClientHasLeftCanBeSeenInAPauseToo() {
        departure.pause(LONG);
        assertThat(departure.hasLeft()).isFalse();
        departure.left();
        assertThat(departure.hasLeft()).isTrue();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aPauseThatIsOverDelaysNobody() {
        departure.pause(LONG);
        departure.resume();
        departure.left();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aPauseThatBeginsAfterTheClientHasLeftHidesNothing() {
        departure.left();
        departure.pause(LONG);
        assertThat(Thread.interrupted()).isTrue();
        departure.resume();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aClientThatLeavesAfterTheEndOfItsRequestInterruptsNobody() {
        departure.close();
        departure.left();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void norDoesOneThatLeftInAPauseWhichTheEndOfTheRequestCutShort() {
        departure.pause(LONG);
        departure.left();
        departure.close();
        assertThat(Thread.interrupted()).isFalse();
    }
}
