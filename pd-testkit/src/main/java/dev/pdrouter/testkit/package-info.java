/** Engines as strict as the real ones. */
@NullMarked
package dev.pdrouter.testkit;

import org.jspecify.annotations.NullMarked;
