package dev.pdrouter;

/**
 * Decides which of the engines that a request names may be called.
 *
 * <p>Whoever can send a routing header chooses an address that the router connects to, so a router must be told which
 * ones are fine. Called by many threads at once; should answer without waiting.
 */
@FunctionalInterface
public interface TargetPolicy {

    /**
     * Says whether an engine may be called.
     *
     * @param stage the stage it would do
     * @param target its address, as the request names it
     * @return false to leave it out; a request of which no candidate is left is answered 403
     */
    boolean allows(Stage stage, Target target);

    /**
     * Lets every address through: for networks where only the scheduler can set routing headers.
     *
     * @return the policy
     */
    static TargetPolicy any() {
        return (stage, target) -> true;
    }
}
