package dev.pdrouter;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One entry of {@link TargetPolicy#only}.
 *
 * <p>Nothing is looked up: a name is compared as a name, and only what is written as an address is in a network. So what
 * is allowed does not depend on who answers for a name at the moment.
 *
 * @param host which hosts
 * @param port the port; 0 for any
 */
record TargetPattern(Hosts host, int port) {

    private static final Pattern PARTS = Pattern.compile("(\\[[^\\[\\]]*](?:/\\d+)?|[^:\\[\\]]*)(?::(\\d{1,5}))?");
    private static final Pattern IPV4 = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
    private static final Pattern SUFFIX = Pattern.compile("\\*(\\.[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?\\.?)");
    private static final Pattern ENDS_AS_AN_ADDRESS = Pattern.compile("(?:.*\\.)?\\d+\\.?");

    /** Some hosts. */
    private sealed interface Hosts {
        boolean contains(String host);
    }

    /** One name, in lower case and without the dot at its end. */
    private record Name(String name) implements Hosts {
        @Override
        public boolean contains(String host) {
            return normal(host).equals(name);
        }
    }

    /** What ends in a suffix that begins with a dot. */
    private record Suffix(String suffix) implements Hosts {
        @Override
        public boolean contains(String host) {
            String name = normal(host);
            return name.length() > suffix.length() && name.endsWith(suffix) && address(host) == null;
        }
    }

    /** The addresses that begin with the same bits; all of them for one address. */
    private record Network(byte[] network, int bits) implements Hosts {
        @Override
        public boolean contains(String host) {
            byte[] other = address(host);
            return other != null && other.length == network.length && beginsAlike(other);
        }

        private boolean beginsAlike(byte[] other) {
            int whole = bits / 8;
            int mask = 0xff00 >> bits % 8;
            return Arrays.equals(network, 0, whole, other, 0, whole)
                    && (bits % 8 == 0 || ((network[whole] ^ other[whole]) & mask & 0xff) == 0);
        }
    }

    /**
     * Reads one.
     *
     * @param text such as {@code engine-0}, {@code *.engines.svc:8000}, {@code 10.0.0.0/8} or {@code [fd00::/8]:8000}
     * @throws IllegalArgumentException when it is none of those; the message says why
     */
    static TargetPattern parse(String text) {
        if (text.indexOf('[') < 0 && text.indexOf(':') != text.lastIndexOf(':')) {
            return new TargetPattern(network(text), 0);
        }
        Matcher parts = PARTS.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("expected a host or a network, and perhaps a port");
        }
        return new TargetPattern(hosts(parts.group(1)), port(parts.group(2)));
    }

    boolean matches(Target target) {
        return (port == 0 || port == target.port()) && host.contains(target.host());
    }

    private static int port(@Nullable String digits) {
        if (digits == null) {
            return 0;
        }
        int port = Integer.parseInt(digits);
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("the port must be from 1 to 65535");
        }
        return port;
    }

    private static Hosts hosts(String text) {
        if (text.startsWith("[")) {
            return network(text.replace("[", "").replace("]", ""));
        }
        if (text.indexOf('/') >= 0 || address(text) != null) {
            return network(text);
        }
        if (ENDS_AS_AN_ADDRESS.matcher(text).matches()) {
            throw new IllegalArgumentException("an IPv4 address has four numbers up to 255, without zeros before them");
        }
        Matcher suffix = SUFFIX.matcher(text);
        if (suffix.matches()) {
            return new Suffix(normal(suffix.group(1)));
        }
        return new Name(normal(new Target(text, 1).host()));
    }

    private static Network network(String text) {
        int slash = text.indexOf('/');
        byte[] address = address(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw new IllegalArgumentException("expected an address or a network");
        }
        return new Network(
                address, slash < 0 ? address.length * 8 : bits(text.substring(slash + 1), address.length * 8));
    }

    private static int bits(String digits, int most) {
        int bits = digits.matches("\\d{1,3}") ? Integer.parseInt(digits) : -1;
        if (bits < 0 || bits > most) {
            throw new IllegalArgumentException("a network's length must be from 0 to " + most);
        }
        return bits;
    }

    private static String normal(String host) {
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return name.toLowerCase(Locale.ROOT);
    }

    /** Four bytes, or sixteen, when that is how the host is written: a shorter or octal form of IPv4 is taken for a name. */
    private static byte @Nullable [] address(String host) {
        if (host.indexOf(':') < 0) {
            return ipv4(host);
        }
        if (host.indexOf('%') >= 0) {
            return null; // a zone is of one machine
        }
        try {
            return InetAddress.getByName("[" + host + "]").getAddress();
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static byte @Nullable [] ipv4(String host) {
        Matcher parts = IPV4.matcher(host);
        if (!parts.matches()) {
            return null;
        }
        byte[] address = new byte[4];
        for (int i = 0; i < 4; i++) {
            String part = parts.group(i + 1);
            int value = Integer.parseInt(part);
            if (value > 255 || part.length() > 1 && part.startsWith("0")) {
                return null;
            }
            address[i] = (byte) value;
        }
        return address;
    }
}
