package dev.pdrouter.testkit;

import java.util.List;

/**
 * One text of an answer.
 *
 * @param index which
 * @param tokens its tokens as text
 * @param finishReason {@code length} when the limit ended it, {@code stop} when the model did
 */
record Choice(int index, List<String> tokens, String finishReason) {

    /** What the model writes after a prompt, within the limits of the request; each sample is another text. */
    static Choice of(int index, long promptSeed, int sample, VllmRequest request) {
        long seed = promptSeed ^ sample * 0x5851f42d4c957f2dL;
        int limit = request.maxTokens().orElse(limitOf(request.path()));
        int wanted = Math.max(request.minTokens(), Words.naturalLength(seed));
        boolean endless = request.ignoresEnd() && limit < Integer.MAX_VALUE;
        int count = endless ? limit : Math.min(limit, wanted);
        return new Choice(index, Words.tokens(seed, count), count == limit ? "length" : "stop");
    }

    private static int limitOf(GenerationPath path) {
        return switch (path) {
            case COMPLETIONS, GENERATE -> 16;
            case SGLANG -> 128;
            default -> Integer.MAX_VALUE;
        };
    }

    /** What a decoder says that was asked to compute more than it wants to. */
    static Choice declined() {
        return new Choice(0, List.of(""), "cache_threshold");
    }

    /** The first token alone, as an engine that is a prefiller by its own settings ends. */
    Choice firstToken() {
        return new Choice(index, tokens.subList(0, 1), "length");
    }

    /** Whether the limit ended it, not the model. */
    boolean isCut() {
        return finishReason.equals("length");
    }

    String text() {
        return String.join("", tokens);
    }

    boolean isLast(int token) {
        return token == tokens.size() - 1;
    }
}
