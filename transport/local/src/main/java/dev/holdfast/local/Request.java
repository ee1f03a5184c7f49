package dev.holdfast.local;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A request, read. */
final class Request {

  private final HttpMethod method;
  private final List<String> path;
  private final Map<String, List<String>> query;
  private final byte[] body;
  private final String rawPath;
  private final Function<String, @Nullable String> headers;

  private Request(
      HttpMethod method,
      String rawPath,
      List<String> path,
      Map<String, List<String>> query,
      Function<String, @Nullable String> headers,
      byte[] body) {
    this.method = method;
    this.rawPath = rawPath;
    this.path = path;
    this.query = query;
    this.headers = headers;
    this.body = body;
  }

  /** Reads a request's line; its body comes {@linkplain #with later}. */
  static Request of(HttpMethod method, String uri, Function<String, @Nullable String> headers) {
    try {
      QueryStringDecoder decoder = new QueryStringDecoder(uri);
      String raw = decoder.rawPath();
      List<String> path =
          Stream.of(raw.split("/", -1))
              .skip(1)
              // A plus is a plus in a path.
              .map(s -> URLDecoder.decode(s.replace("+", "%2B"), StandardCharsets.UTF_8))
              .toList();
      return new Request(method, raw, path, decoder.parameters(), headers, new byte[0]);
    } catch (IllegalArgumentException e) {
      throw Refusal.bad("The request's address can't be read: " + Line.of(uri));
    }
  }

  Request with(byte[] content) {
    return new Request(method, rawPath, path, query, headers, content);
  }

  HttpMethod method() {
    return method;
  }

  /** The decoded segments of the path. */
  List<String> path() {
    return path;
  }

  /** Method and path, for people. */
  String line() {
    return Line.of(method + " " + rawPath);
  }

  byte[] body() {
    return body;
  }

  @Nullable String header(String name) {
    return headers.apply(name);
  }

  @Nullable String parameter(String name) {
    List<String> values = query.get(name);
    return values == null || values.isEmpty() ? null : values.get(0);
  }

  String required(String name) {
    String value = parameter(name);
    if (value == null) {
      throw Refusal.unreadable("Required request parameter '" + name + "' is not present");
    }
    return value;
  }

  int integer(String name, int absent) {
    Integer value = integer(name);
    return value == null ? absent : value;
  }

  @Nullable Integer integer(String name) {
    String value = parameter(name);
    if (value == null || value.isEmpty()) {
      return null;
    }
    try {
      return Integer.valueOf(value.strip());
    } catch (NumberFormatException e) {
      throw unfit(name, value, "an integer");
    }
  }

  boolean flag(String name, boolean absent) {
    String value = parameter(name);
    if (value == null || value.isEmpty()) {
      return absent;
    }
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw unfit(name, value, "true or false");
    };
  }

  private static Refusal unfit(String name, String value, String expected) {
    return Refusal.unreadable(
        "Method parameter '" + name + "' is \"" + Line.of(value) + "\": expected " + expected);
  }
}
