package dev.pdrouter.server.jdk;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Reads certificates. */
final class Certificates {

    private Certificates() {}

    /**
     * Finds the certificates of a PEM file.
     *
     * @param blocks its blocks
     * @return at least one, in order
     * @throws CertificateException when there is none or one cannot be read
     */
    static List<X509Certificate> read(List<Pem> blocks) throws CertificateException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Pem block : blocks) {
            if (block.label().equals("CERTIFICATE")) {
                certificates.add(decode(block.bytes()));
            }
        }
        if (certificates.isEmpty()) {
            throw new CertificateException("there is no certificate in it");
        }
        return certificates;
    }

    static X509Certificate decode(byte[] der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }
}
