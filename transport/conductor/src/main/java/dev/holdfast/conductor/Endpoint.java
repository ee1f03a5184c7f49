package dev.holdfast.conductor;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where something is: the parts of an http or https URL.
 *
 * @param path without a slash at its end, so empty for the root
 */
record Endpoint(boolean secure, String host, int port, String path) {

  /** Reads a URL of a task server. */
  static Endpoint server(String url) {
    return parse("server URL", url, "http://127.0.0.1:8080/api");
  }

  /** Reads a URL of a proxy: http, with a port and without a path. */
  static Endpoint proxy(String url) {
    String example = "http://proxy.example:3128";
    Endpoint proxy = parse("proxy URL", url, example);
    if (proxy.secure || !proxy.path.isEmpty()) {
      throw bad("proxy URL", url, proxy.secure ? "it is not http" : "it has a path", example);
    }
    return proxy;
  }

  /** Host and port, as people write them. */
  String address() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }

  private static Endpoint parse(String what, String url, String example) {
    URI uri;
    try {
      uri = new URI(url.strip());
    } catch (URISyntaxException e) {
      throw bad(what, url, e.getReason(), example);
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw bad(what, url, "it starts with neither http:// nor https://", example);
    }
    String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
    if (authority.indexOf('@') >= 0) {
      throw bad(what, "…" + url.substring(url.lastIndexOf('@')), "it holds credentials", example);
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw bad(what, url, "it has a query or a fragment", example);
    }
    boolean secure = scheme.equals("https");
    // URI refuses host names with an underscore, which container networks are full of.
    int colon = authority.lastIndexOf(':');
    boolean hasPort = colon > authority.lastIndexOf(']');
    String host = hasPort ? authority.substring(0, colon) : authority;
    if (host.isEmpty() || (uri.getHost() == null && !isHostName(host))) {
      throw bad(what, url, host.isEmpty() ? "it has no host" : "it has no valid host", example);
    }
    int port = secure ? 443 : 80;
    if (hasPort) {
      port = port(authority.substring(colon + 1));
      if (port < 0) {
        throw bad(what, url, "its port is not a number from 1 to 65535", example);
      }
    }
    if (host.startsWith("[")) {
      host = host.substring(1, host.length() - 1);
    }
    return new Endpoint(secure, host, port, withoutSlash(uri.getRawPath()));
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      return port >= 1 && port <= 65_535 ? port : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static boolean isHostName(String host) {
    return host.chars()
        .allMatch(
            c ->
                (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '-'
                    || c == '_'
                    || c == '.');
  }

  private static String withoutSlash(@Nullable String path) {
    String kept = path == null ? "" : path;
    while (kept.endsWith("/")) {
      kept = kept.substring(0, kept.length() - 1);
    }
    return kept;
  }

  private static IllegalArgumentException bad(String what, String url, String why, String example) {
    return new IllegalArgumentException(
        what + " \"" + url + "\": " + why + "; expected one such as " + example);
  }
}
