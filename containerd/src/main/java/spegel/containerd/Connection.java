package spegel.containerd;

/**
 * What belongs to one connection to containerd.
 *
 * @param client for calls
 * @param changes what happens from the subscription on
 * @param contentPath where this containerd's content is
 */
record Connection(ContainerdClient client, ChangeStream changes, ContentPath contentPath) {}
