package dev.pdrouter.server.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import org.junit.jupiter.api.Test;

class PrivateKeysTest {

    private static PrivateKey read(String pem) throws GeneralSecurityException {
        return PrivateKeys.read(Pem.parse(pem));
    }

    @Test
    void rsaKeysAreReadInBothForms() throws GeneralSecurityException {
        KeyPair pair = Keys.rsa();
        assertThat(read(Keys.pem("PRIVATE KEY", pair.getPrivate().getEncoded())))
                .isEqualTo(pair.getPrivate());
        assertThat(read(Keys.pkcs1((RSAPrivateCrtKey) pair.getPrivate()))).isEqualTo(pair.getPrivate());
    }

    @Test
    void keysOfACurveAreReadInEveryForm() throws GeneralSecurityException {
        KeyPair pair = Keys.ec();
        ECPrivateKey key = (ECPrivateKey) pair.getPrivate();
        for (String pem :
                new String[] {Keys.pem("PRIVATE KEY", key.getEncoded()), Keys.sec1(key), Keys.sec1BesideItsCurve(key)
                }) {
            PrivateKey read = read("a remark\r\n" + pem.replace("\n", "\r\n"));
            assertThat(((ECPrivateKey) read).getS()).isEqualTo(key.getS());
            assertThat(((ECPrivateKey) read).getParams().getCurve())
                    .isEqualTo(key.getParams().getCurve());
        }
    }

    @Test
    void edwardsKeysAreRead() throws GeneralSecurityException {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        assertThat(read(Keys.pem("PRIVATE KEY", pair.getPrivate().getEncoded())))
                .isEqualTo(pair.getPrivate());
    }

    @Test
    void anEncryptedKeyIsNamedAsSuch() {
        String older = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n"
                + "-----END RSA PRIVATE KEY-----\n";
        for (String pem : new String[] {Keys.pem("ENCRYPTED PRIVATE KEY", new byte[] {1}), older}) {
            assertThatExceptionOfType(GeneralSecurityException.class)
                    .isThrownBy(() -> read(pem))
                    .withMessage("the private key is encrypted; expected one without a passphrase");
        }
    }

    @Test
    void whatIsNoKeyIsNamedAsSuch() {
        assertThatExceptionOfType(GeneralSecurityException.class)
                .isThrownBy(() -> read("nothing"))
                .withMessageStartingWith("expected a private key in PEM");
        for (String label : new String[] {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"}) {
            assertThatExceptionOfType(GeneralSecurityException.class)
                    .isThrownBy(() -> read(Keys.pem(label, new byte[] {0x30, (byte) 0x84, 1})))
                    .withMessage("the private key is damaged or of an unknown algorithm");
        }
    }
}
