package spegel.e2e.harness;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A tab of a browser. */
public final class BrowserPage {
  private final DevTools tools;
  private final String session;

  BrowserPage(DevTools tools, String session, int width, int height) {
    this.tools = tools;
    this.session = session;
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable", Map.of());
    }
    resize(width, height);
  }

  private Map<?, ?> call(String method, Map<String, Object> parameters) {
    return tools.call(session, method, parameters);
  }

  /** Makes the tab as large as a screen of this size. */
  public void resize(int width, int height) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
  }

  /** Puts it before the browser's other tabs, which are hidden then. */
  public void bringToFront() {
    call("Page.bringToFront", Map.of());
  }

  /** Begins to show the address. */
  public void open(URI address) {
    call("Page.navigate", Map.of("url", address.toString()));
  }

  /** What an expression of the page's script language comes to, as text. */
  public String text(String expression) {
    Map<?, ?> answer = call("Runtime.evaluate", Map.of("expression", "String(" + expression + ")"));
    if (answer.get("result") instanceof Map<?, ?> result
        && result.get("value") instanceof String value) {
      return value;
    }
    throw new AssertionError(expression + ": " + answer);
  }

  /** Waits until the expression is true. */
  public void await(String expression, Duration atMost) {
    Await.until(expression, atMost, () -> text(expression).equals("true"));
  }

  /** Types into the element that has the focus. */
  public void type(String text) {
    call("Input.insertText", Map.of("text", text));
  }

  /** Presses and releases Enter. */
  public void pressEnter() {
    for (String type : List.of("keyDown", "keyUp")) {
      call(
          "Input.dispatchKeyEvent",
          Map.of(
              "type",
              type,
              "key",
              "Enter",
              "code",
              "Enter",
              "text",
              "\r",
              "windowsVirtualKeyCode",
              13));
    }
  }

  /** What went wrong so far in the page, in the browser's words. */
  public List<String> errors() {
    return tools.events(session).stream()
        .flatMap(
            event ->
                switch (event.method()) {
                  case "Runtime.exceptionThrown", "Log.entryAdded" ->
                      Stream.of(event.parameters().toString());
                  case "Runtime.consoleAPICalled" -> Stream.of(event.parameters().toString());
                  default -> Stream.empty();
                })
        .toList();
  }

  /** The addresses that it has asked for so far. */
  public List<URI> requests() {
    return tools.events(session).stream()
        .filter(event -> event.method().equals("Network.requestWillBeSent"))
        .map(event -> (Map<?, ?>) event.parameters().get("request"))
        .map(request -> URI.create(String.valueOf(request.get("url"))))
        .toList();
  }
}
