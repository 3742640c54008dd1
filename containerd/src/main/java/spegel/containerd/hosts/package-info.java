/**
 * containerd's mirror configuration: a folder for each registry under the registry config path,
 * with a {@code hosts.toml} that names the hosts to try first (containerd's docs/hosts.md). {@link
 * spegel.containerd.hosts.MirrorConfiguration} puts what the user had aside, writes ours, and puts
 * the user's back; whatever step it is interrupted at, nothing of the user's is lost.
 */
@NullMarked
package spegel.containerd.hosts;

import org.jspecify.annotations.NullMarked;
