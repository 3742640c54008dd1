package spegel.registry;

import java.util.function.Predicate;
import spegel.mirror.Mirror;
import spegel.oci.Reference;

/**
 * What a registry server does about content that its node does not have.
 *
 * @param mirror asks other nodes
 * @param passes which names are asked for at all
 */
public record Mirroring(Mirror mirror, Predicate<Reference> passes) {}
