package dev.pdrouter.server.jdk;

import dev.pdrouter.Target;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The addresses of our listeners, as schedulers name them: {@code POD_IP} with a listener's port. Where that is not set,
 * any address of this machine that is listened on.
 *
 * @param podIp from the environment; empty when it is not set
 * @param bound what is listened on
 * @param first the port of the first rank's listener, set when it is known
 */
record OwnAddress(String podIp, InetAddress bound, AtomicInteger first) {

    static OwnAddress of(Map<String, String> environment, InetAddress bound, int port) {
        return new OwnAddress(environment.getOrDefault("POD_IP", ""), bound, new AtomicInteger(port));
    }

    /** Whether an address is that of a rank's listener. */
    boolean isOf(int rank, Target address) {
        return address.port() == first.get() + rank && isOurs(address.host());
    }

    private boolean isOurs(String host) {
        if (!podIp.isEmpty()) {
            return host.equalsIgnoreCase(podIp) || isLiteral(host) && isLiteral(podIp) && same(host, podIp);
        }
        if (host.equalsIgnoreCase("localhost")) {
            return bound.isAnyLocalAddress() || bound.isLoopbackAddress();
        }
        return isLiteral(host) && isListenedOn(host);
    }

    /** Of these alone no resolver is asked. */
    private static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0 || host.matches("\\d+\\.\\d+\\.\\d+\\.\\d+");
    }

    private static boolean same(String one, String other) {
        try {
            return InetAddress.getByName(one).equals(InetAddress.getByName(other));
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private boolean isListenedOn(String host) {
        try {
            InetAddress address = InetAddress.getByName(host);
            return address.equals(bound)
                    || bound.isAnyLocalAddress()
                            && (address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null);
        } catch (UnknownHostException | SocketException e) {
            return false;
        }
    }
}
