package dev.pdrouter.internal;

import dev.pdrouter.PdException;
import dev.pdrouter.PdRequest;
import dev.pdrouter.Rank;
import dev.pdrouter.Target;
import java.util.List;

/** The rank of the decoder that a request is for. */
final class Ranks {

    private Ranks() {}

    /** The one that a header names, or else that of the listener. A header that names none of ours ends the request. */
    static Rank of(PdRequest request, List<Rank> ranks) throws PdException {
        List<Target> named = Candidates.named(request.headers(), Headers.DATA_PARALLEL);
        if (named.isEmpty()) {
            return ranks.get(request.rank());
        }
        return ranks.stream()
                .filter(rank -> named.size() == 1 && rank.addresses().test(named.getFirst()))
                .findFirst()
                .orElseThrow(() -> PdException.Rejected.badRequest(
                        "header " + Headers.DATA_PARALLEL + " names no listener of this router"));
    }
}
