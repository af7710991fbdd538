package dev.pdrouter.server.jdk;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** The address that the name of this machine resolves to, if others can use it. On Kubernetes it is the pod's. */
final class HostAddress {

    private HostAddress() {}

    /** Asks the resolver. */
    static Optional<String> find() {
        try {
            return Optional.of(InetAddress.getLocalHost())
                    .filter(HostAddress::isForOthers)
                    .map(InetAddress::getHostAddress);
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** On Debian, for one, the name may resolve to 127.0.1.1. */
    static boolean isForOthers(InetAddress address) {
        return !address.isLoopbackAddress() && !address.isAnyLocalAddress() && !address.isLinkLocalAddress();
    }
}
