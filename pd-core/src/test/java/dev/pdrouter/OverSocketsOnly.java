package dev.pdrouter;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** A test of {@link OnEachTransport} that the JDK's client does not pass, and why. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@ExtendWith(OverSocketsOnly.Condition.class)
@interface OverSocketsOnly {

    /** What the JDK's client does instead. */
    String value();

    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            boolean runs = context.getTestInstance()
                    .map(test -> test instanceof OnEachTransport each && each.kind == TransportKind.SOCKETS)
                    .orElse(true);
            return runs
                    ? ConditionEvaluationResult.enabled("the transport does this")
                    : ConditionEvaluationResult.disabled(
                            AnnotationSupport.findAnnotation(context.getElement(), OverSocketsOnly.class)
                                    .orElseThrow()
                                    .value());
        }
    }
}
