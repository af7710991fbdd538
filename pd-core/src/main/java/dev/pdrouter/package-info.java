/** The PdRouter API: build a router, hand it requests, plug in how engines are reached. */
@NullMarked
package dev.pdrouter;

import org.jspecify.annotations.NullMarked;
