package dev.pdrouter.internal;

import dev.pdrouter.connector.Handoff;
import dev.pdrouter.connector.HandoffReader;
import dev.pdrouter.connector.JsonBody;
import dev.pdrouter.connector.Leg;
import dev.pdrouter.connector.Plan;
import dev.pdrouter.connector.TransferParams;
import java.util.function.UnaryOperator;

/**
 * What encoders answered, for the engine that computes the prompt.
 *
 * @param addTo puts it into what that engine is sent
 */
record Encoded(UnaryOperator<JsonBody> addTo) {

    /** For a request without encoders, or whose encoders have nothing to tell. */
    static final Encoded NOTHING = new Encoded(UnaryOperator.identity());

    Leg addedTo(Leg leg) {
        return leg.withBody(addTo.apply(leg.body()));
    }

    /** The prefiller is told; the decoder only where it computes the prompt itself. */
    Plan addedTo(Plan plan) {
        if (this == NOTHING) {
            return plan;
        }
        return switch (plan) {
            case Plan.DecodeOnly alone -> new Plan.DecodeOnly(addedTo(alone.decode()), alone.reason());
            case Plan.Sequential sequential -> addedTo(sequential);
            case Plan.Concurrent both -> new Plan.Concurrent(addedTo(both.prefill()), both.accepts(), both.decode());
            case Plan.DecodeFirst first ->
                new Plan.DecodeFirst(addedTo(first.decode()), first.declined(), addedTo(first.otherwise()));
        };
    }

    /** A decoder that gets a handoff gets nothing else; one that should and does not, computes. */
    private Plan.Sequential addedTo(Plan.Sequential plan) {
        Leg decode = plan.handoff().isPresent() ? addedTo(plan.decode()) : plan.decode();
        return new Plan.Sequential(addedTo(plan.prefill()), plan.handoff().map(Encoded::instead), decode);
    }

    private static HandoffReader instead(HandoffReader reader) {
        return answer -> reader.read(answer).map(Encoded::instead);
    }

    private static Handoff instead(Handoff handoff) {
        return handoff.after(told -> told.without(TransferParams.ENCODED));
    }
}
