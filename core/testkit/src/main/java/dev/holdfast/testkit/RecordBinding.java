package dev.holdfast.testkit;

import dev.holdfast.task.PayloadException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records to members and back, by the names of their components. */
final class RecordBinding {

  private RecordBinding() {}

  static Map<String, @Nullable Object> members(Record source) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    for (RecordComponent component : source.getClass().getRecordComponents()) {
      try {
        component.getAccessor().setAccessible(true);
        members.put(component.getName(), component.getAccessor().invoke(source));
      } catch (ReflectiveOperationException e) {
        throw new PayloadException(
            "component " + component.getName() + " of " + source.getClass() + " can't be read", e);
      }
    }
    return members;
  }

  static @Nullable Object bind(@Nullable Object value, Type type, String where) {
    if (type instanceof ParameterizedType generic) {
      return bindGeneric(value, generic, where);
    }
    Class<?> raw = type instanceof Class<?> known ? known : Object.class;
    if (value == null) {
      if (raw.isPrimitive()) {
        throw new PayloadException(where + " is missing: expected a " + raw, null);
      }
      return null;
    }
    Class<?> boxed = MethodType.methodType(raw).wrap().returnType();
    if (boxed.isInstance(value)) {
      return value;
    }
    if (value instanceof Number number && Number.class.isAssignableFrom(boxed)) {
      return narrow(number, boxed, where);
    }
    if (value instanceof String text && boxed.isEnum()) {
      return constant(text, boxed, where);
    }
    if (value instanceof Map<?, ?> members && boxed.isRecord()) {
      return create(members, boxed, where);
    }
    throw new PayloadException(
        where + " is a " + value.getClass().getSimpleName() + ": expected a " + raw.getName(),
        null);
  }

  private static @Nullable Object bindGeneric(
      @Nullable Object value, ParameterizedType generic, String where) {
    Type[] arguments = generic.getActualTypeArguments();
    if (value instanceof List<?> items && generic.getRawType() == List.class) {
      List<@Nullable Object> bound = new ArrayList<>();
      for (Object item : items) {
        bound.add(bind(item, arguments[0], where + "[" + bound.size() + "]"));
      }
      return bound;
    }
    if (value instanceof Map<?, ?> members && generic.getRawType() == Map.class) {
      Map<String, @Nullable Object> bound = new LinkedHashMap<>();
      members.forEach(
          (name, member) ->
              bound.put(String.valueOf(name), bind(member, arguments[1], where + "." + name)));
      return bound;
    }
    return bind(value, generic.getRawType(), where);
  }

  private static Object narrow(Number number, Class<?> boxed, String where) {
    BigDecimal exact = new BigDecimal(number.toString());
    try {
      if (boxed == Long.class) {
        return exact.longValueExact();
      }
      if (boxed == Integer.class) {
        return exact.intValueExact();
      }
      if (boxed == Short.class) {
        return exact.shortValueExact();
      }
      if (boxed == Byte.class) {
        return exact.byteValueExact();
      }
    } catch (ArithmeticException e) {
      throw new PayloadException(where + " is " + number + ": expected a " + boxed.getName(), e);
    }
    if (boxed == Float.class) {
      return exact.floatValue();
    }
    if (boxed == Double.class) {
      return exact.doubleValue();
    }
    return boxed == BigDecimal.class ? exact : exact.toBigInteger();
  }

  private static Object constant(String text, Class<?> type, String where) {
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equals(text)) {
        return constant;
      }
    }
    throw new PayloadException(
        where + " is " + text + ": expected one of " + Arrays.toString(type.getEnumConstants()),
        null);
  }

  private static Object create(Map<?, ?> members, Class<?> type, String where) {
    RecordComponent[] components = type.getRecordComponents();
    @Nullable Object[] arguments = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String name = components[i].getName();
      arguments[i] = bind(members.get(name), components[i].getGenericType(), where + "." + name);
    }
    try {
      Constructor<?> constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (ReflectiveOperationException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new PayloadException(
          where + " makes no " + type.getName() + ": " + cause.getMessage(), cause);
    }
  }
}
