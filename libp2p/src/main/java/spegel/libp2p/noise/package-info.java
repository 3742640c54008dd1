/**
 * The secure channel {@code /noise}: Noise_XX_25519_ChaChaPoly_SHA256 (Noise protocol framework,
 * revision 34; libp2p specification, noise). Who dials sends message 1. All cryptography is the
 * JDK's.
 */
@NullMarked
package spegel.libp2p.noise;

import org.jspecify.annotations.NullMarked;
