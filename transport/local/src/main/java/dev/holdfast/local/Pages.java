package dev.holdfast.local;

import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the pages of browsers out. Any page can send requests to loopback, where it takes a task
 * with a mere image; and its own host's name may be made to lead there, so that it can read the
 * answers as well. A worker names no origin, and its server by an address or as localhost.
 */
final class Pages {

  private Pages() {}

  /** Why a request is not let in, or null. */
  static @Nullable Refusal refusal(Request request, boolean isGuarded) {
    String origin = request.header("Origin");
    if (origin != null) {
      return Refusal.forbidden(
          "Origin is " + Line.of(origin) + ": this server is for workers, not for pages");
    }
    String site = request.header("Sec-Fetch-Site");
    if (site != null && !site.equals("none")) {
      return Refusal.forbidden(
          "Sec-Fetch-Site is " + Line.of(site) + ": this server is for workers, not for pages");
    }
    String host = request.header("Host");
    if (!isGuarded && host != null && !isOurs(host.replaceFirst(":[0-9]*$", ""))) {
      return Refusal.forbidden(
          "Host is "
              + Line.of(host)
              + ": expected an IP address or localhost; by another name a server is reached only"
              + " if it has credentials");
    }
    return null;
  }

  private static boolean isOurs(String name) {
    return name.equalsIgnoreCase("localhost")
        || NetUtil.createByteArrayFromIpAddressString(name) != null;
  }
}
