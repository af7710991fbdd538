package dev.pdrouter.server.jdk;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A private key and the certificates that speak for it, its own first.
 *
 * @param key the key
 * @param chain at least one certificate
 */
record Identity(PrivateKey key, List<X509Certificate> chain) {

    /**
     * Reads one from two PEM files.
     *
     * @param certificates the text of {@code tls.crt}
     * @param key the text of {@code tls.key}
     * @return the identity
     * @throws GeneralSecurityException when one cannot be read, or they do not belong together
     */
    static Identity read(String certificates, String key) throws GeneralSecurityException {
        List<X509Certificate> chain = Certificates.read(Pem.parse(certificates));
        Identity identity = new Identity(PrivateKeys.read(Pem.parse(key)), chain);
        identity.prove();
        return identity;
    }

    /** Files that are replaced one after the other do not belong together for a moment. */
    private void prove() throws GeneralSecurityException {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        if (algorithm.equals("RSASSA-PSS")) {
            return;
        }
        byte[] text = {1, 2, 3};
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(chain.get(0).getPublicKey());
            signature.update(text);
            if (signature.verify(signed)) {
                return;
            }
        } catch (java.security.InvalidKeyException e) {
            throw new SignatureException("the private key is not the certificate's", e);
        }
        throw new SignatureException("the private key is not the certificate's");
    }
}
