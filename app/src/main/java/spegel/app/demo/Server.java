package spegel.app.demo;

import java.io.IOException;

/** A server that counts what it sends. */
interface Server {

  /** What it is called in the summary. */
  String name();

  /**
   * Bytes of bodies that it has sent, and whether it still sends.
   *
   * @param bytes since it started
   * @param running requests that have not ended, whose bytes are not counted yet
   */
  record Sent(long bytes, int running) {}

  /** What it has sent so far. */
  Sent sent() throws IOException;
}
