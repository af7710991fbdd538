package dev.pdrouter.internal.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Looks names up in bounded time: the system's resolver heeds neither timeouts of ours nor interrupts. */
final class Names {

    /** One for each name, however many wait for it. */
    private static final Map<String, Future<InetAddress[]>> RUNNING = new ConcurrentHashMap<>();

    private Names() {}

    /**
     * Finds the addresses of a host.
     *
     * @param host a name, or an address, which needs no look-up
     * @param millis at most, zero for any time
     */
    static InetAddress[] resolve(String host, int millis) throws IOException {
        Callable<InetAddress[]> system = () -> InetAddress.getAllByName(host);
        return isAddress(host) ? InetAddress.getAllByName(host) : within(millis, host, system);
    }

    static InetAddress[] within(int millis, String host, Callable<InetAddress[]> resolver) throws IOException {
        Future<InetAddress[]> lookup = RUNNING.computeIfAbsent(host, name -> begin(name, resolver));
        try {
            return millis == 0 ? lookup.get() : lookup.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new SocketTimeoutException("the name was not resolved in time");
        } catch (ExecutionException e) {
            throw (IOException) new ConnectException("the name cannot be resolved").initCause(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    private static Future<InetAddress[]> begin(String host, Callable<InetAddress[]> resolver) {
        FutureTask<InetAddress[]> lookup = new FutureTask<>(resolver) {
            @Override
            protected void done() {
                RUNNING.remove(host, this);
            }
        };
        Thread.ofPlatform().daemon().name("pd-lookup").start(lookup); // it blocks whatever thread it is on
        return lookup;
    }

    private static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9');
    }
}
