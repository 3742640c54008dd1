package spegel.app.command;

import spegel.app.log.LogLevel;

/** What became of a command line. */
public sealed interface ParsedCommand {

  /**
   * A command to run.
   *
   * @param configuration what to do
   * @param logLevel how much to log
   */
  record Run(CommandConfiguration configuration, LogLevel logLevel) implements ParsedCommand {}

  /**
   * Help was asked for.
   *
   * @param text for standard output
   */
  record Help(String text) implements ParsedCommand {}

  /**
   * The command line is wrong.
   *
   * @param text for standard error: the usage and the reason
   */
  record Invalid(String text) implements ParsedCommand {}
}
