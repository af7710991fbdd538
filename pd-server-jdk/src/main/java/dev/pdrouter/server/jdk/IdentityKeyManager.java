package dev.pdrouter.server.jdk;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Shows our one identity, to clients or to engines, asked for anew at each handshake. */
final class IdentityKeyManager extends X509ExtendedKeyManager {

    private final Supplier<Identity> identity;

    /** A handshake chooses a name first and asks for key and chain by it later, when there may be a newer one. */
    private volatile List<Identity> recent = List.of();

    IdentityKeyManager(Supplier<Identity> identity) {
        this.identity = identity;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return choose(keyType);
    }

    private @Nullable String choose(String keyType) {
        Identity now = identity.get();
        if (!now.key().getAlgorithm().equalsIgnoreCase(keyType)) {
            return null;
        }
        if (recent.isEmpty() || recent.get(0) != now) {
            recent = Stream.concat(Stream.of(now), recent.stream()).limit(4).toList();
        }
        return alias(now);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return choose(keyType);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        String alias = choose(keyType);
        return alias == null ? null : new String[] {alias};
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        Identity named = named(alias);
        return named == null ? null : named.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        Identity named = named(alias);
        return named == null ? null : named.key();
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return getServerAliases(keyType, issuers);
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        for (String keyType : keyTypes) {
            String alias = choose(keyType);
            if (alias != null) {
                return alias;
            }
        }
        return null;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return chooseClientAlias(keyTypes, issuers, null);
    }

    private @Nullable Identity named(String alias) {
        return recent.stream()
                .filter(each -> alias(each).equals(alias))
                .findFirst()
                .orElse(null);
    }

    private static String alias(Identity identity) {
        // One that is renewed may have the serial number of the one before.
        return identity.chain().get(0).getSerialNumber().toString(16) + "-" + System.identityHashCode(identity);
    }
}
