package spegel.app.command;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Of the command {@code demo}.
 *
 * @param image the folder or archive of the image that is pulled; null to make one
 * @param imageBytes how large the layers of one that is made are together, positive
 * @param upstreamBytesPerSecond what the link to the registry carries, positive
 * @param serve whether the nodes stay when all is shown
 */
public record DemoConfiguration(
    @Nullable Path image, long imageBytes, long upstreamBytesPerSecond, boolean serve)
    implements CommandConfiguration {}
