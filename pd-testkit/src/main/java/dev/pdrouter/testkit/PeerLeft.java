package dev.pdrouter.testkit;

import java.io.IOException;

/** The peer left before its answer was whole, so the engine gives the request up. */
final class PeerLeft extends IOException {
    private static final long serialVersionUID = 1L;
}
