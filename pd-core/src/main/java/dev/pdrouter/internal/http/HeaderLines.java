package dev.pdrouter.internal.http;

import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Header lines as they come in; the names of lines that belong together may differ in case. */
final class HeaderLines {

    private final List<String> names = new ArrayList<>();
    private final Map<String, List<String>> values = HashMap.newHashMap(16);

    void add(String name, String value) {
        String known = known(name);
        if (known == null) {
            names.add(name);
            values.put(name, List.of(value));
        } else {
            List<String> all = new ArrayList<>(values.getOrDefault(known, List.of()));
            all.add(value);
            values.put(known, all);
        }
    }

    private @Nullable String known(String name) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name)) {
                return names.get(i);
            }
        }
        return null;
    }

    HttpHeaders toHttpHeaders() {
        return HttpHeaders.of(values, (name, value) -> true);
    }
}
