package dev.pdrouter.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AlarmTest {

    @Test
    void anAlarmThatIsDueRingsOnceAndSaysSo() throws Exception {
        CountDownLatch rings = new CountDownLatch(2);
        try (Alarms alarms = new Alarms();
                Alarm alarm = alarms.alarm(rings::countDown)) {
            long now = System.nanoTime();
            alarm.at(now - 1);
            alarm.ringIfDue(now);
            alarm.ringIfDue(now);
            assertThat(rings.getCount()).isEqualTo(1);
            assertThat(alarm.off()).isTrue();
            assertThat(alarm.off()).isFalse();
        }
    }

    @Test
    void anAlarmThatWasClearedDoesNotRing() throws Exception {
        CountDownLatch rings = new CountDownLatch(1);
        try (Alarms alarms = new Alarms();
                Alarm alarm = alarms.alarm(rings::countDown)) {
            long now = System.nanoTime();
            alarm.at(now + TimeUnit.HOURS.toNanos(1));
            assertThat(alarm.off()).isFalse();
            alarm.ringIfDue(now + TimeUnit.HOURS.toNanos(2));
            assertThat(rings.getCount()).isEqualTo(1);
        }
    }

    /** An upload clears the alarm of the client's body while the request's own thread closes it. */
    @Test
    void twoThreadsThatClearARungAlarmBothGoOn() throws Exception {
        try (Alarms alarms = new Alarms();
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int i = 0; i < 2000; i++) {
                Alarm alarm = alarms.alarm(() -> {});
                long now = System.nanoTime();
                alarm.at(now - 1);
                alarm.ringIfDue(now);
                CyclicBarrier start = new CyclicBarrier(2);
                Callable<Boolean> off = () -> {
                    start.await();
                    return alarm.off();
                };
                List<Future<Boolean>> results = List.of(threads.submit(off), threads.submit(off));
                boolean first = results.get(0).get(10, TimeUnit.SECONDS);
                boolean second = results.get(1).get(10, TimeUnit.SECONDS);
                assertThat(first ^ second).isTrue();
                alarm.close();
            }
        }
    }
}
