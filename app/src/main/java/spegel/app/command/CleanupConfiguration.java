package spegel.app.command;

import java.nio.file.Path;
import spegel.http.ListenAddress;

/**
 * Of the command {@code cleanup}.
 *
 * @param address where {@code /readyz} tells that the clean-up is done
 * @param configPath containerd's folder of mirror configuration
 */
public record CleanupConfiguration(ListenAddress address, Path configPath)
    implements CommandConfiguration {}
