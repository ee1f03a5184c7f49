package dev.holdfast.conductor;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * The header that says how long to stay away: seconds or a date (RFC 9110, section 10.2.3). What
 * makes no sense is ignored, and no server can send callers away for more than an hour.
 */
final class RetryAfter {

  private static final Duration MAX = Duration.ofHours(1);

  private RetryAfter() {}

  static @Nullable Duration parse(@Nullable String value, Instant now) {
    if (value == null || value.isBlank()) {
      return null;
    }
    String text = value.strip();
    if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      // More digits than a long holds are a long time too.
      return clamp(text.length() > 9 ? MAX : Duration.ofSeconds(Long.parseLong(text)));
    }
    try {
      Instant date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return clamp(Duration.between(now, date));
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static Duration clamp(Duration delay) {
    if (delay.isNegative()) {
      return Duration.ZERO;
    }
    return delay.compareTo(MAX) > 0 ? MAX : delay;
  }
}
