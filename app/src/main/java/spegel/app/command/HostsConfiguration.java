package spegel.app.command;

import java.nio.file.Path;
import spegel.containerd.hosts.MirrorOptions;

/**
 * Of the command {@code configuration}: what containerd is told of its mirrors.
 *
 * @param configPath containerd's folder of mirror configuration
 * @param mirrors what to write there, without credentials, which are no matter of the command line
 */
public record HostsConfiguration(Path configPath, MirrorOptions mirrors)
    implements CommandConfiguration {}
