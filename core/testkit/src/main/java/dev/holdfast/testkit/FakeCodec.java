package dev.holdfast.testkit;

import dev.holdfast.task.PayloadCodec;
import dev.holdfast.task.PayloadException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fake server's own format: a tag per value, then its content. It holds what JSON holds, and
 * gives numbers back as a JSON reader would: an {@code Integer} where one suffices.
 */
final class FakeCodec implements PayloadCodec {

  static final FakeCodec INSTANCE = new FakeCodec();

  private static final int MAX_DEPTH = 100;

  private FakeCodec() {}

  @Override
  public String mediaType() {
    return "application/x-holdfast-fake";
  }

  @Override
  public byte[] encode(Object value) {
    Object object =
        value instanceof Map<?, ?> || value instanceof Record ? value : Map.of("result", value);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      write(out, object, 0);
    } catch (IOException e) {
      throw new PayloadException("the value can't be written: " + e.getMessage(), e);
    }
    return bytes.toByteArray();
  }

  @Override
  public <T> T decode(byte[] bytes, int offset, int length, Class<T> type) {
    Object value;
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(bytes, offset, length))) {
      value = read(in);
    } catch (IOException | IllegalArgumentException e) {
      throw new PayloadException("the bytes are not in the fake server's format", e);
    }
    Object bound = RecordBinding.bind(value, type, "the payload");
    if (bound == null) {
      throw new PayloadException("the payload is null: expected a " + type.getName(), null);
    }
    return type.cast(bound);
  }

  private static void write(DataOutputStream out, @Nullable Object value, int depth)
      throws IOException {
    if (depth > MAX_DEPTH) {
      throw new PayloadException("the value is nested deeper than " + MAX_DEPTH + " levels", null);
    }
    if (value == null) {
      out.writeByte('0');
    } else if (value instanceof Boolean bool) {
      out.writeByte(bool ? 't' : 'f');
    } else if (value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte) {
      out.writeByte('i');
      out.writeLong(((Number) value).longValue());
    } else if (value instanceof Double || value instanceof Float) {
      out.writeByte('d');
      out.writeDouble(((Number) value).doubleValue());
    } else if (value instanceof BigInteger || value instanceof BigDecimal) {
      out.writeByte(value instanceof BigInteger ? 'I' : 'D');
      writeText(out, value.toString());
    } else if (value instanceof CharSequence || value instanceof Character) {
      out.writeByte('s');
      writeText(out, value.toString());
    } else if (value instanceof Enum<?> constant) {
      out.writeByte('s');
      writeText(out, constant.name());
    } else if (value instanceof Iterable<?> items) {
      out.writeByte('l');
      for (Object item : items) {
        write(out, item, depth + 1);
      }
      out.writeByte('.');
    } else if (value instanceof Map<?, ?> members) {
      writeMembers(out, members, depth);
    } else if (value instanceof Record rec) {
      writeMembers(out, RecordBinding.members(rec), depth);
    } else {
      throw new PayloadException(
          "the value holds a "
              + value.getClass().getName()
              + ": the fake server's codec writes maps, lists, records, strings, numbers, booleans"
              + " and nulls",
          null);
    }
  }

  private static void writeMembers(DataOutputStream out, Map<?, ?> members, int depth)
      throws IOException {
    out.writeByte('m');
    for (Map.Entry<?, ?> member : members.entrySet()) {
      out.writeByte('k');
      writeText(out, String.valueOf(member.getKey()));
      write(out, member.getValue(), depth + 1);
    }
    out.writeByte('.');
  }

  private static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }

  private static @Nullable Object read(DataInputStream in) throws IOException {
    return read(in, in.readByte());
  }

  private static @Nullable Object read(DataInputStream in, byte tag) throws IOException {
    return switch (tag) {
      case '0' -> null;
      case 't' -> true;
      case 'f' -> false;
      case 'i' -> smallest(in.readLong());
      case 'd' -> in.readDouble();
      case 'I' -> new BigInteger(readText(in));
      case 'D' -> new BigDecimal(readText(in));
      case 's' -> readText(in);
      case 'l' -> readItems(in);
      case 'm' -> readMembers(in);
      default -> throw new IOException("unknown tag " + tag);
    };
  }

  private static Object smallest(long number) {
    if (number == (int) number) {
      return (int) number;
    }
    return number;
  }

  private static List<@Nullable Object> readItems(DataInputStream in) throws IOException {
    List<@Nullable Object> items = new ArrayList<>();
    for (byte tag = in.readByte(); tag != '.'; tag = in.readByte()) {
      items.add(read(in, tag));
    }
    return items;
  }

  private static Map<String, @Nullable Object> readMembers(DataInputStream in) throws IOException {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    for (byte tag = in.readByte(); tag != '.'; tag = in.readByte()) {
      String name = readText(in);
      members.put(name, read(in));
    }
    return members;
  }

  private static String readText(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] utf8 = in.readNBytes(Math.max(0, length));
    if (utf8.length != length) {
      throw new IOException("a text of " + length + " bytes breaks off");
    }
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
