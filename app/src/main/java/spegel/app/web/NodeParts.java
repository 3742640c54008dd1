package spegel.app.web;

import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import spegel.mirror.Mirror;
import spegel.oci.Reference;
import spegel.routing.kad.KadRouter;
import spegel.store.ContentStore;

/**
 * What of a running node the page looks at.
 *
 * @param ready whether requests should come
 * @param passes which names this node deals with
 */
public record NodeParts(
    ContentStore store,
    KadRouter router,
    Mirror mirror,
    Traffic traffic,
    BooleanSupplier ready,
    Predicate<Reference> passes) {}
