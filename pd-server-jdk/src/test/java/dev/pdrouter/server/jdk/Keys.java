package dev.pdrouter.server.jdk;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/** Keys and certificates in the forms that people have them in. */
final class Keys {

    private static final byte[] P256 = Der.oid("1.2.840.10045.3.1.7");

    private Keys() {}

    static KeyPair rsa() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    static KeyPair ec() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    static String pem(String label, byte[] bytes) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    static String pkcs1(RSAPrivateCrtKey key) {
        return pem(
                "RSA PRIVATE KEY",
                Der.sequence(
                        Der.integer(BigInteger.ZERO),
                        Der.integer(key.getModulus()),
                        Der.integer(key.getPublicExponent()),
                        Der.integer(key.getPrivateExponent()),
                        Der.integer(key.getPrimeP()),
                        Der.integer(key.getPrimeQ()),
                        Der.integer(key.getPrimeExponentP()),
                        Der.integer(key.getPrimeExponentQ()),
                        Der.integer(key.getCrtCoefficient())));
    }

    static String sec1(ECPrivateKey key) {
        return pem(
                "EC PRIVATE KEY",
                Der.sequence(Der.integer(BigInteger.ONE), Der.octets(scalar(key)), Der.tagged(0xa0, P256)));
    }

    /** As {@code openssl ecparam -genkey} writes it: the curve in a block of its own. */
    static String sec1BesideItsCurve(ECPrivateKey key) {
        byte[] bare = Der.sequence(Der.integer(BigInteger.ONE), Der.octets(scalar(key)));
        return pem("EC PARAMETERS", P256) + pem("EC PRIVATE KEY", bare);
    }

    static String certificate(Identity identity) throws GeneralSecurityException {
        return pem("CERTIFICATE", identity.chain().get(0).getEncoded());
    }

    static String key(Identity identity) {
        return pem("PRIVATE KEY", identity.key().getEncoded());
    }

    private static byte[] scalar(ECPrivateKey key) {
        byte[] number = key.getS().toByteArray();
        byte[] scalar = new byte[32];
        int length = Math.min(number.length, 32);
        System.arraycopy(number, number.length - length, scalar, 32 - length, length);
        return scalar;
    }
}
