package dev.pdrouter.server.jdk;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the JVM give the heap that large prompts took back to the system when little happens.
 *
 * <p>By itself it gives heap back whenever it collects all of it, and takes it anew for the next prompt, which costs a page
 * fault for each 4 KB. {@code bin/pd-router} tells it to keep what it has ({@code -XX:MaxHeapFreeRatio=100}); only then is
 * there something to do here.
 */
final class SpareHeap implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SpareHeap.class);

    /** A heap up to here is left as it is, in bytes. */
    private static final long WORTH_IT = 64L << 20;

    /** By so much, in bytes, what is used differs between two looks when little happens, as with forty short requests a second. */
    private static final long LITTLE = 8L << 20;

    /** So many times in a row little must have happened. */
    private static final int QUIET = 3;

    private static final String SWITCH = "MaxHeapFreeRatio";
    private static final String KEEP = "100";
    private static final String GIVE_BACK = "40";

    private final long periodMillis;
    private final BooleanSupplier idle;
    private final Thread thread =
            Thread.ofPlatform().name("pd-router-heap").daemon().unstarted(this::run);

    private SpareHeap(Duration period, BooleanSupplier idle) {
        this.periodMillis = period.toMillis();
        this.idle = idle;
    }

    /**
     * Looks once in a period, until it is closed.
     *
     * @param idle whether nobody would be kept waiting by a collection
     */
    static SpareHeap watch(Duration period, BooleanSupplier idle) {
        SpareHeap heap = new SpareHeap(period, idle);
        heap.thread.start();
        return heap;
    }

    private void run() {
        try {
            boolean isKept = true;
            long needed = WORTH_IT;
            long used = used();
            for (int quiet = 0; isKept; ) {
                Thread.sleep(periodMillis);
                long now = used();
                quiet = idle.getAsBoolean() && Math.abs(now - used) < LITTLE ? quiet + 1 : 0;
                used = now;
                if (quiet >= QUIET && Runtime.getRuntime().totalMemory() > needed) {
                    isKept = giveBack();
                    quiet = 0;
                    needed = Math.max(WORTH_IT, Runtime.getRuntime().totalMemory());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("the heap is kept", e); // a JVM without these means
        }
    }

    private static long used() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** @return false when the JVM does so itself */
    private static boolean giveBack() {
        HotSpotDiagnosticMXBean jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (!jvm.getVMOption(SWITCH).getValue().equals(KEEP)) {
            return false;
        }
        jvm.setVMOption(SWITCH, GIVE_BACK);
        try {
            System.gc();
        } finally {
            jvm.setVMOption(SWITCH, KEEP);
        }
        return true;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
