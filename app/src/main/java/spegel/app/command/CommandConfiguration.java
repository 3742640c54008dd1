package spegel.app.command;

/** What one command was asked to do, complete and valid. */
public sealed interface CommandConfiguration
    permits RegistryConfiguration,
        HostsConfiguration,
        CleanupConfiguration,
        CleanupWaitConfiguration,
        DemoConfiguration,
        VersionConfiguration {}
