package io.github.fauxka.control;

import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import com.grack.nanojson.JsonWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Records, enums and unions of this package as JSON, by the names of their components. */
final class Json {
    private Json() {
    }

    static String text(Object value) {
        return JsonWriter.string(written(value));
    }

    static Object parsed(String text) {
        try {
            return JsonParser.any().from(text);
        } catch (JsonParserException error) {
            throw new IllegalArgumentException("this is not JSON: " + text, error);
        }
    }

    /** {@code after_apply} for {@code afterApply}. */
    static String key(String component) {
        return component.replaceAll("([A-Z])", "_$1").toLowerCase(java.util.Locale.ROOT);
    }

    /** The components of a record that have a value, by their names in JSON. */
    static Map<String, Object> fields(Object record) {
        var found = new LinkedHashMap<String, Object>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            Object value = component(record, component);
            boolean empty = value == null || value instanceof Collection<?> list && list.isEmpty()
                    || value instanceof Map<?, ?> map && map.isEmpty();
            if (!empty) {
                found.put(key(component.getName()), value);
            }
        }
        return found;
    }

    private static Object component(Object record, RecordComponent component) {
        try {
            return component.getAccessor().invoke(record);
        } catch (IllegalAccessException | InvocationTargetException error) {
            throw new IllegalStateException("cannot read " + component, error);
        }
    }

    /** What nanojson writes: maps, lists, strings, numbers, booleans and null. */
    static Object written(Object value) {
        if (value instanceof Delay delay) {
            return delay.jitter() == null ? delay.time() : Map.of("for", delay.time(), "jitter", delay.jitter());
        } else if (value instanceof Data data) {
            // Half a character is no text: it comes back as something else.
            return Data.text(data.text()).equals(data) ? data.text()
                    : Map.of("base64", Base64.getEncoder().encodeToString(data.bytes()));
        } else if (value instanceof Expected expected) {
            return writtenExpected(expected);
        } else if (value instanceof Advance advance) {
            return Map.of(advance.by() == null ? "to" : "by", advance.by() == null ? "next" : advance.by(), "silent", advance.silent());
        } else if (value instanceof Tagged tagged) {
            return tagged.value() == null ? tagged.tag() : Map.of(tagged.tag(), written(tagged.value()));
        } else if (value instanceof Enum<?>) {
            return value.toString();
        } else if (value instanceof Record) {
            return writtenMap(fields(value));
        } else if (value instanceof Map<?, ?> map) {
            return writtenMap(map);
        } else if (value instanceof Collection<?> list) {
            // A list of one action ends with it, and the action alone does not.
            boolean alone = list.size() == 1 && list.iterator().next() instanceof Action;
            return alone ? written(list.iterator().next()) : new ArrayList<>(list.stream().map(Json::written).toList());
        }
        return value;
    }

    private static Object writtenExpected(Expected expected) {
        if (expected.atMost() == null) {
            return Map.of("at_least", expected.atLeast());
        }
        boolean exact = expected.atMost() == expected.atLeast();
        return exact ? expected.atMost() : Map.of("at_least", expected.atLeast(), "at_most", expected.atMost());
    }

    private static Map<String, Object> writtenMap(Map<?, ?> map) {
        var found = new LinkedHashMap<String, Object>();
        map.forEach((key, value) -> found.put(key.toString(), written(value)));
        return found;
    }

    static <T> T read(Class<T> type, Object json) {
        return type.cast(read((Type) type, json));
    }

    static <T> List<T> readList(Class<T> item, Object json) {
        return ((List<?>) json).stream().map(value -> read(item, value)).toList();
    }

    private static Object read(Type type, Object json) {
        if (type instanceof ParameterizedType parameterized) {
            Type[] of = parameterized.getActualTypeArguments();
            return parameterized.getRawType() == List.class ? readItems(of[0], json) : readMap(of[1], json);
        }
        var plain = (Class<?>) type;
        if (json == null) {
            return plain == boolean.class ? Boolean.FALSE : null;
        } else if (json instanceof Number number) {
            return plain == Expected.class ? Expected.exactly(number.longValue()) : number(plain, number);
        } else if (plain == Row.class) {
            return read(Row.ofKind((String) ((Map<?, ?>) json).get("kind")), json);
        } else if (plain.isRecord() && json instanceof Map<?, ?> map && plain != Delay.class && plain != Expected.class) {
            return readRecord(plain, map);
        } else if (plain.isEnum()) {
            return constant(plain, json.toString());
        }
        return readShaped(plain, json);
    }

    private static Object readShaped(Class<?> plain, Object json) {
        Map<?, ?> map = json instanceof Map<?, ?> found ? found : Map.of();
        if (plain == Data.class) {
            return map.isEmpty() ? Data.text((String) json) : Data.bytes(Base64.getDecoder().decode((String) map.get("base64")));
        } else if (plain == Delay.class) {
            return map.isEmpty() ? new Delay((String) json, null) : new Delay((String) map.get("for"), (String) map.get("jitter"));
        } else if (plain == Expected.class) {
            Number least = (Number) map.get("at_least");
            Number most = (Number) map.get("at_most");
            return new Expected(least == null ? 0 : least.longValue(), most == null ? null : most.longValue());
        } else if (plain == Action.class || plain == ByteAction.class) {
            return tagged(plain, json);
        } else if (plain == Map.class || plain == Object.class) {
            return plainCopy(json);
        }
        return plain.isPrimitive() ? json : plain.cast(json);
    }

    private static Object tagged(Class<?> type, Object json) {
        String tag = json instanceof Map<?, ?> map ? map.keySet().iterator().next().toString() : json.toString();
        Object inner = json instanceof Map<?, ?> map ? map.get(tag) : null;
        boolean isAction = type == Action.class;
        Object value = inner == null ? null : read((Type) (isAction ? Action.payload(tag) : ByteAction.payload(tag)), inner);
        return isAction ? new Action(tag, value) : new ByteAction(tag, value);
    }

    private static Object number(Class<?> type, Number number) {
        if (type == int.class || type == Integer.class) {
            return number.intValue();
        } else if (type == long.class || type == Long.class) {
            return number.longValue();
        } else if (type == double.class || type == Double.class) {
            return number.doubleValue();
        }
        return number;
    }

    private static Object constant(Class<?> type, String word) {
        return Arrays.stream(type.getEnumConstants()).filter(value -> value.toString().equals(word)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(word + " is no " + type.getSimpleName() + " that this version of the library knows"));
    }

    /** Not the parser's own lists and maps: their types are nobody's business. */
    private static Object plainCopy(Object json) {
        if (json instanceof Map<?, ?> map) {
            return readMap(Object.class, map);
        }
        return json instanceof List<?> ? readItems(Object.class, json) : json;
    }

    private static List<Object> readItems(Type item, Object json) {
        if (json == null) {
            return List.of();
        }
        List<?> items = json instanceof List<?> list ? list : List.of(json);
        var found = new ArrayList<>();
        items.forEach(value -> found.add(read(item, value)));
        return java.util.Collections.unmodifiableList(found);
    }

    private static Map<String, Object> readMap(Type item, Object json) {
        var found = new LinkedHashMap<String, Object>();
        ((Map<?, ?>) Objects.requireNonNullElse(json, Map.of())).forEach((key, value) -> found.put((String) key, read(item, value)));
        return java.util.Collections.unmodifiableMap(found);
    }

    private static Object readRecord(Class<?> type, Map<?, ?> json) {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = Arrays.stream(components).map(component -> read(component.getGenericType(), json.get(key(component.getName())))).toArray();
        Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException | IllegalArgumentException error) {
            throw new IllegalArgumentException("this is no " + type.getSimpleName() + ": " + JsonWriter.string(json), error);
        }
    }
}
