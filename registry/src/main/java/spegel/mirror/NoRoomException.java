package spegel.mirror;

import java.io.IOException;

/** This node has no room for what the peer would give: no fault of the peer's. */
final class NoRoomException extends IOException {
  private static final long serialVersionUID = 1;

  NoRoomException(String message) {
    super(message);
  }
}
