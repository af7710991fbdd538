package dev.pdrouter.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pdrouter.OnPrefillFailure;
import dev.pdrouter.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The order in which a request that fails everywhere asks its candidates. */
class TriesTest {

    private static final Target A = new Target("a", 1);
    private static final Target B = new Target("b", 1);
    private static final Target C = new Target("c", 1);

    private final Breakers breakers = new Breakers(() -> 0);

    private void passOver(Target... prefillers) {
        for (Target prefiller : prefillers) {
            for (int i = 0; i < Breakers.FAILURES; i++) {
                try (Breakers.Permit permit = breakers.permit(prefiller).orElseThrow()) {
                    permit.failed();
                }
            }
        }
    }

    /** Those that were to be passed over in brackets. */
    private List<String> tries(OnPrefillFailure atLast, int retries) {
        Tries tries = new Tries(
                List.of(A, B, C),
                new FailoverSettings(false, retries, Duration.ZERO, atLast),
                breakers,
                Patience.forAll(Duration.ofHours(1)),
                new Events(List.of(), "id"));
        List<String> order = new ArrayList<>();
        for (Optional<Tries.Try> next = tries.next(); next.isPresent(); next = tries.next()) {
            try (Candidate candidate = next.get().candidate()) {
                String host = candidate.target().host();
                order.add(next.get().lastResort() ? "(" + host + ")" : host);
            }
        }
        return order;
    }

    @Test
    void eachIsAskedInOrderAndThenFromTheFirstAgain() {
        assertThat(tries(OnPrefillFailure.ERROR, 2)).containsExactly("a", "b", "c", "a", "b");
    }

    @Test
    void whoIsPassedOverIsAskedLastBeforeARequestFails() {
        passOver(A, B);
        assertThat(tries(OnPrefillFailure.ERROR, 0)).containsExactly("c", "(a)", "(b)");
        passOver(C);
        assertThat(tries(OnPrefillFailure.ERROR, 0)).containsExactly("(a)", "(b)", "(c)");
    }

    @Test
    void whereTheDecoderWouldComputeThePromptOnlyTheFirstIsAskedOfAllThatArePassedOver() {
        passOver(A, B);
        assertThat(tries(OnPrefillFailure.DECODE, 0)).containsExactly("c");
        passOver(C);
        assertThat(tries(OnPrefillFailure.DECODE, 0)).containsExactly("(a)");
    }

    @Test
    void furtherTriesPassThemOverTooUnlessThereIsNobodyElse() {
        passOver(A, C);
        assertThat(tries(OnPrefillFailure.DECODE, 2)).containsExactly("b", "b", "b");
        passOver(B);
        assertThat(tries(OnPrefillFailure.DECODE, 2)).containsExactly("(a)", "(a)", "(b)");
    }
}
