package dev.pdrouter.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * A KV cache that a prefiller keeps, until a decoder has fetched it or its lease ends.
 *
 * @param name what a decoder asks for
 * @param members what is added to the prefiller's answer to tell of it; empty when nothing is told
 * @param onlyWhenCut whether it is kept only when the limit ended the prefiller's answer, and not the model
 * @param destination where the decoder is, {@code host:port}, for protocols that tell the prefiller
 */
public record KvKeep(String name, Optional<ObjectNode> members, boolean onlyWhenCut, Optional<String> destination) {

    /**
     * Keeps and tells.
     *
     * @param name what a decoder asks for
     * @param members added to the prefiller's answer
     * @return what is kept
     */
    public static KvKeep told(String name, ObjectNode members) {
        return new KvKeep(name, Optional.of(members), false, Optional.empty());
    }

    /**
     * Keeps under a name that both engines were told.
     *
     * @param name what a decoder asks for
     * @param onlyWhenCut whether only the limit of one token hands it over
     * @return what is kept
     */
    public static KvKeep silent(String name, boolean onlyWhenCut) {
        return new KvKeep(name, Optional.empty(), onlyWhenCut, Optional.empty());
    }
}
