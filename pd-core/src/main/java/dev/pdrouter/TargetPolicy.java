package dev.pdrouter;

import java.util.List;

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

    /**
     * Lets through what a list names. An entry is one of these, with {@code :port} behind it for that port alone:
     *
     * <ul>
     *   <li>{@code host}: that name or address;
     *   <li>{@code *.suffix}: names that end so, at whatever depth, and not {@code suffix} itself;
     *   <li>{@code 10.0.0.0/8}, {@code fd00::/8}, with a port {@code [fd00::/8]:8000}: the addresses of that network.
     * </ul>
     *
     * <p>Names are not looked up. So a name is not in a network, whatever its address, and whoever answers for a name that
     * is listed decides where it leads.
     *
     * @param entries at least one
     * @return the policy
     * @throws IllegalArgumentException when there is none, or one is not understood; the message says why
     */
    static TargetPolicy only(List<String> entries) {
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("expected at least one host or network");
        }
        List<TargetPattern> patterns =
                entries.stream().map(TargetPattern::parse).toList();
        return (stage, target) -> patterns.stream().anyMatch(pattern -> pattern.matches(target));
    }

    /**
     * Lets through what either lets through.
     *
     * @param other asked when this one does not
     * @return the policy
     */
    default TargetPolicy or(TargetPolicy other) {
        return (stage, target) -> allows(stage, target) || other.allows(stage, target);
    }
}
