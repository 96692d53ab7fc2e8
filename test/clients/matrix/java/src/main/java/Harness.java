import com.nimbusds.jose.util.JSONObjectUtils;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What the Java programs share: the set-up of the stack, and how they report. */
final class Harness {
  static final Map<String, Object> SETUP = read();

  private Harness() {}

  private static Map<String, Object> read() {
    try {
      return JSONObjectUtils.parse(Files.readString(Path.of(System.getenv("CLIENTS_SETUP"))));
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
  }

  static String text(String name) {
    return (String) SETUP.get(name);
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> member(Map<String, Object> object, String name) {
    return (Map<String, Object>) object.get(name);
  }

  static Map<String, Object> member(String name) {
    return member(SETUP, name);
  }

  @SuppressWarnings("unchecked")
  static List<Map<String, Object>> requests() {
    return (List<Map<String, Object>>) SETUP.get("requests");
  }

  static String passwordOf(String user) {
    return (String) member(member("users"), user).get("password");
  }

  /** Reports one line to the command that started the program. */
  static void report(Map<String, Object> what) {
    System.out.println("@" + JSONObjectUtils.toJSONString(what));
    System.out.flush();
  }

  static Map<String, Object> line(String name, Object value) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put(name, value);
    return line;
  }

  /** A check that may fail in any way. */
  interface Check {
    void run() throws Exception;
  }

  /** Runs one check and reports how it ended. */
  static void check(String name, Check check) {
    Map<String, Object> line = line("check", name);
    try {
      check.run();
    } catch (Throwable error) {
      line.put("error", error.getClass().getSimpleName() + ": " + error.getMessage());
    }
    report(line);
  }

  static void expect(Object actual, Object expected) {
    if (!Objects.equals(actual, expected)) {
      throw new AssertionError("expected " + expected + ", got " + actual);
    }
  }

  /** Signs alice in on the pages of the user pool, as a browser. Returns the URL of the callback. */
  static URI signInAt(URI authorization) throws Exception {
    String query = "?user=alice&url=" + URLEncoder.encode(authorization.toString(), StandardCharsets.UTF_8);
    HttpRequest request = HttpRequest.newBuilder(URI.create(text("browser") + query)).build();
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    return URI.create(response.body());
  }
}
