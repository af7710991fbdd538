package dev.pdrouter.server.jdk;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;

/**
 * Reads private keys: PKCS#8 as it is, and the two forms that OpenSSL wrote before, wrapped in it (RFC 5208): PKCS#1 for
 * RSA (RFC 8017) and SEC 1 for elliptic curves (RFC 5915).
 */
final class PrivateKeys {

    private static final byte[] RSA = Der.sequence(Der.oid("1.2.840.113549.1.1.1"), Der.none());
    private static final byte[] EC = Der.oid("1.2.840.10045.2.1");
    private static final byte[] VERSION = Der.integer(BigInteger.ZERO);

    private PrivateKeys() {}

    /**
     * Finds the private key of a PEM file.
     *
     * @param blocks its blocks
     * @return the key
     * @throws GeneralSecurityException when there is none that can be read; the message says why
     */
    static PrivateKey read(List<Pem> blocks) throws GeneralSecurityException {
        byte[] curve = new byte[0];
        for (Pem block : blocks) {
            if (block.encrypted()) {
                throw new InvalidKeySpecException("the private key is encrypted; expected one without a passphrase");
            }
            switch (block.label()) {
                case "EC PARAMETERS" -> curve = block.bytes();
                case "PRIVATE KEY" -> {
                    return pkcs8(block.bytes());
                }
                case "RSA PRIVATE KEY" -> {
                    return pkcs8(Der.sequence(VERSION, RSA, Der.octets(block.bytes())));
                }
                case "EC PRIVATE KEY" -> {
                    byte[] known = Sec1.curve(block.bytes()).orElse(curve);
                    return pkcs8(Der.sequence(VERSION, Der.sequence(EC, known), Der.octets(block.bytes())));
                }
                default -> {
                    // A certificate beside its key is fine.
                }
            }
        }
        throw new InvalidKeySpecException("expected a private key in PEM: PKCS#8, PKCS#1 or SEC 1");
    }

    /** The JDK's factories each know their own algorithm and refuse the others. */
    private static PrivateKey pkcs8(byte[] bytes) throws GeneralSecurityException {
        for (String algorithm : List.of("RSA", "EC", "EdDSA", "RSASSA-PSS")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
            } catch (InvalidKeySpecException e) {
                continue;
            }
        }
        throw new InvalidKeySpecException("the private key is damaged or of an unknown algorithm");
    }
}
