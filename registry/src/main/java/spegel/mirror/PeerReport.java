package spegel.mirror;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A peer as this node sees it.
 *
 * @param peerId who
 * @param latency usual time to the head of an answer; null when it never gave one
 * @param transfers blobs that it sends to us now
 * @param failures since it is known
 * @param avoided whether it is left alone at the moment
 */
public record PeerReport(
    String peerId, @Nullable Duration latency, int transfers, long failures, boolean avoided) {}
