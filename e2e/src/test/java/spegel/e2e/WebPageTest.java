package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Browser;
import spegel.e2e.harness.BrowserPage;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.FreePort;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.SpegelNode;

/** The page about a node, as a browser shows it. */
@ExtendWith(FailureLogs.class)
class WebPageTest {
  private static final String NAME = "upstream.test/team/app:1";
  private static final OciImage IMAGE =
      ImageBuilder.oci(95).gzipLayer(600_000).gzipLayer(2_000).build();

  /** The page asks every two seconds; a busy machine takes its time. */
  private static final Duration SHOWN_WITHIN = Duration.ofSeconds(30);

  private static String shown(String selector, String text) {
    return "document.querySelector('%s')?.innerText.includes('%s')".formatted(selector, text);
  }

  private static SpegelNode node(
      Path folder, String address, int port, Map<String, OciImage> images, String... flags) {
    Path layout = folder.resolve(address);
    OciImage.writeLayout(layout, images);
    return SpegelNode.overLayout(layout).listen(address).registryPort(port).flags(flags).launch();
  }

  private static void assertFits(BrowserPage page, int width) {
    page.resize(width, 800);
    String content = page.text("document.documentElement.scrollWidth");
    String screen = page.text("document.documentElement.clientWidth");
    assertEquals(screen, content, "as wide as the screen, less a scroll bar");
    assertTrue(Integer.parseInt(screen) <= width, screen);
  }

  @Test
  void page_showsAndMeasures_whatGoesBetweenNodes(@TempDir Path folder) throws Exception {
    int port = FreePort.next();
    int router = FreePort.next();
    try (Browser browser = Browser.start();
        SpegelNode having = startHaving(folder, port, router);
        SpegelNode asking =
            node(
                folder,
                "127.0.0.2",
                port,
                Map.of(),
                "--bootstrap-kind=static",
                "--static-bootstrap-peers=/ip4/127.0.0.1/tcp/" + router)) {
      Await.until("ready", SHOWN_WITHIN, asking::ready);
      URI address = asking.diagnostics().base().resolve("/debug/web/");
      BrowserPage page = browser.page(1280, 900);
      page.open(address);
      page.await(shown("#state", "ready"), SHOWN_WITHIN);
      page.await(shown("#peers", "127.0.0.1"), SHOWN_WITHIN);
      page.await(shown("#e-images", "No images yet"), SHOWN_WITHIN);
      page.await(shown("#e-transfers", "No transfers yet"), SHOWN_WITHIN);

      pull(asking);
      String digest = IMAGE.largestBlob().digest().toString();
      page.await(shown("#transfers", digest), SHOWN_WITHIN);
      page.await(shown("#t-hits", "%"), SHOWN_WITHIN);
      assertTrue(page.text("document.querySelector('#transfers').innerText").contains("done"));

      measure(page);
      assertFits(page, 1280);
      assertFits(page, 360);

      BrowserPage other = browser.page(360, 800);
      other.open(having.diagnostics().base().resolve("/debug/web/"));
      other.await(shown("#images", NAME), SHOWN_WITHIN);
      other.await(shown("#transfers", "this node"), SHOWN_WITHIN);
      assertFits(other, 360);

      for (BrowserPage each : List.of(page, other)) {
        assertEquals(List.of(), each.errors());
      }
      for (URI request : page.requests()) {
        if (!request.getScheme().equals("data")) {
          assertEquals(address.getAuthority(), request.getAuthority(), request::toString);
        }
      }

      page.bringToFront();
      having.process().kill();
      page.await("document.querySelector('#t-peers').innerText === '0'", SHOWN_WITHIN);
      asking.process().kill();
      page.await(shown("#state", "not reachable"), SHOWN_WITHIN);
      page.await(shown("#alert", "has not answered since"), SHOWN_WITHIN);
    }
  }

  private static SpegelNode startHaving(Path folder, int port, int router) {
    Path layout = folder.resolve("having");
    OciImage.writeLayout(layout, Map.of(NAME, IMAGE));
    return SpegelNode.overLayout(layout).registryPort(port).routerPort(router).start();
  }

  private static void pull(SpegelNode asking) {
    String blob = "/v2/team/app/blobs/" + IMAGE.largestBlob().digest() + "?ns=upstream.test";
    Await.until(
        "the other node is found",
        SHOWN_WITHIN,
        () ->
            asking.registry().get("/v2/team/app/manifests/1?ns=upstream.test").statusCode() == 200);
    assertEquals(200, asking.registry().get(blob).statusCode());
  }

  private static void measure(BrowserPage page) {
    page.text("document.querySelector('#image').focus()");
    page.type(NAME);
    page.pressEnter();
    page.await(shown("#measure-state", "Complete"), SHOWN_WITHIN);
    String result = page.text("document.querySelector('#measured').innerText");
    assertTrue(result.contains("127.0.0.1"), result);
    assertTrue(result.contains(IMAGE.largestBlob().digest().toString()), result);
    assertFalse(result.contains("instead of"), result);
  }
}
