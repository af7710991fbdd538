package dev.pdrouter;

import java.util.regex.Pattern;

/**
 * The address of an engine: a host and a port, nothing else.
 *
 * @param host a name, an IPv4 address or an IPv6 address without brackets
 * @param port from 1 to 65535
 */
public record Target(String host, int port) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9_.])?");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException when the host is not one, or the port is out of range; the message says why
     */
    public Target {
        boolean ipv6 = host.indexOf(':') >= 0;
        if (ipv6 ? !isIpv6(host) : !NAME.matcher(host).matches()) {
            throw new IllegalArgumentException("not a host name or address");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("the port must be from 1 to 65535");
        }
    }

    /**
     * Reads {@code host:port}, with {@code http://} or {@code https://} before it tolerated and an IPv6 host in
     * brackets.
     *
     * <p>A scheme does not choose TLS: that is a setting of the stage.
     *
     * @param text what a routing header or an option says, without blanks around it
     * @return the address
     * @throws IllegalArgumentException when it is anything else (user info, a path, a query, a fragment, blanks, no
     *     port); the message says why, without repeating the text
     */
    public static Target parse(String text) {
        String rest = text;
        for (String scheme : new String[] {"http://", "https://"}) {
            if (text.regionMatches(true, 0, scheme, 0, scheme.length())) {
                rest = text.substring(scheme.length());
            }
        }
        int colon = rest.lastIndexOf(':');
        boolean bracketed = rest.startsWith("[");
        int hostEnd = bracketed ? rest.indexOf(']') + 1 : colon;
        if (hostEnd <= 0 || colon != hostEnd) {
            throw new IllegalArgumentException("expected host:port");
        }
        String host = bracketed ? rest.substring(1, hostEnd - 1) : rest.substring(0, hostEnd);
        if (bracketed != host.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    bracketed ? "not an IPv6 address" : "an IPv6 address is written in brackets");
        }
        return new Target(host, parsePort(rest.substring(colon + 1)));
    }

    private static int parsePort(String digits) {
        if (digits.isEmpty() || digits.length() > 5 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("expected host:port with a port from 1 to 65535");
        }
        return Integer.parseInt(digits);
    }

    private static boolean isIpv6(String host) {
        if (!IPV6.matcher(host).matches()) {
            return false;
        }
        try {
            return java.net.InetAddress.getByName("[" + host + "]") != null;
        } catch (java.net.UnknownHostException e) {
            return false;
        }
    }

    /**
     * The address as a {@code Host} header has it.
     *
     * @return {@code host:port}, an IPv6 host in brackets
     */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
