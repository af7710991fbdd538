package dev.pdrouter.server.jdk;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a certificate for whoever has none: encrypted, but nobody can tell who answers. */
final class SelfSigned {

    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));
    private static final Duration VALID = Duration.ofDays(3652);
    private static final int DIGITAL_SIGNATURE = 0x80;
    private static final int DNS_NAME = 0x82;
    private static final int IP_ADDRESS = 0x87;

    private SelfSigned() {}

    /**
     * Makes a new key on P-256 and a certificate of ten years for it.
     *
     * @param names host names and addresses that it is for
     * @return both
     * @throws GeneralSecurityException when the JDK lacks the algorithms
     */
    static Identity create(Collection<String> names) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        Instant now = Instant.now();
        byte[] subject = Der.sequence(Der.set(Der.sequence(Der.oid("2.5.4.3"), Der.utf8("pd-router"))));
        byte[] content = Der.sequence(
                Der.tagged(0xa0, Der.integer(BigInteger.TWO)),
                Der.integer(new BigInteger(127, new SecureRandom()).setBit(126)),
                ECDSA_WITH_SHA256,
                subject,
                // Clocks differ.
                Der.sequence(Der.time(now.minus(Duration.ofHours(1))), Der.time(now.plus(VALID))),
                subject,
                pair.getPublic().getEncoded(),
                Der.tagged(0xa3, extensions(names)));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate());
        signature.update(content);
        byte[] certificate = Der.sequence(content, ECDSA_WITH_SHA256, Der.bits(signature.sign()));
        return new Identity(pair.getPrivate(), List.of(Certificates.decode(certificate)));
    }

    /**
     * The names that this process is reached by.
     *
     * @param environment for the pod's own address and name
     * @return host names and addresses
     */
    static Set<String> ownNames(Map<String, String> environment) {
        Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1"));
        names.add(environment.getOrDefault("POD_IP", ""));
        String host = environment.getOrDefault("HOSTNAME", "");
        if (host.isEmpty()) {
            try {
                host = InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                // A host without a name is still reached by its addresses.
            }
        }
        names.add(host);
        names.remove("");
        return names;
    }

    private static byte[] extensions(Collection<String> names) {
        byte[][] encoded = names.stream().map(SelfSigned::name).toArray(byte[][]::new);
        return Der.sequence(
                extension("2.5.29.19", true, Der.sequence()),
                extension("2.5.29.15", true, Der.tagged(0x03, new byte[] {7, (byte) DIGITAL_SIGNATURE})),
                extension("2.5.29.37", false, Der.sequence(Der.oid("1.3.6.1.5.5.7.3.1"))),
                extension("2.5.29.17", false, Der.sequence(encoded)));
    }

    private static byte[] extension(String oid, boolean critical, byte[] value) {
        return critical
                ? Der.sequence(Der.oid(oid), Der.bool(true), Der.octets(value))
                : Der.sequence(Der.oid(oid), Der.octets(value));
    }

    /** Most names are looked at only, never looked up: a host may well be called {@code 1234}. */
    private static byte[] name(String name) {
        if (name.indexOf(':') >= 0 || name.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
            try {
                return Der.tagged(IP_ADDRESS, InetAddress.getByName(name).getAddress());
            } catch (UnknownHostException e) {
                // Not an address after all.
            }
        }
        return Der.tagged(DNS_NAME, name.getBytes(StandardCharsets.US_ASCII));
    }
}
