package dev.pdrouter.connectors;

import dev.pdrouter.Target;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.TransferParams;
import java.util.Map;
import java.util.Optional;

/** The option {@code rewrite-remote-host}, for engines that call themselves {@code localhost} in their handoffs. */
final class RemoteHost {

    private static final String MEMBER = "remote_host";

    private RemoteHost() {}

    static boolean isRewritten(Map<String, String> options) {
        return Boolean.parseBoolean(options.getOrDefault("rewrite-remote-host", "false"));
    }

    /** The answer with its handoff's host, in either version of the protocol, replaced by the candidate's. */
    static JsonBody rewritten(JsonBody answer, Target prefiller, boolean rewrite) {
        if (!rewrite) {
            return answer;
        }
        String host = "\"" + prefiller.host() + "\"";
        JsonBody first = answer.has(MEMBER) ? answer.with(MEMBER, host) : answer;
        Optional<JsonBody> params = first.object(TransferParams.MEMBER).filter(kv -> kv.has(MEMBER));
        return params.map(kv -> first.with(TransferParams.MEMBER, kv.with(MEMBER, host)))
                .orElse(first);
    }
}
