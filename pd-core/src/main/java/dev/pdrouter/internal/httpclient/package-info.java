/** Inside {@link dev.pdrouter.HttpClientTransport}: what lies between its blocking calls and the JDK's client. */
@NullMarked
package dev.pdrouter.internal.httpclient;

import org.jspecify.annotations.NullMarked;
