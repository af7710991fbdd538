/** The sidecar on the JDK's HTTP server. */
@NullMarked
package dev.pdrouter.server.jdk;

import org.jspecify.annotations.NullMarked;
