package dev.pdrouter.connector;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;

/** What the edits of an object mean, the plain way: take it apart into a list, change the list. */
final class ReferenceObject {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    record Member(String name, String rawName, String rawValue) {}

    final List<Member> members = new ArrayList<>();
    private final String json;
    private int at;

    ReferenceObject(String json) {
        this.json = json;
        skipBlanks();
        at++;
        skipBlanks();
        while (json.charAt(at) != '}') {
            int name = at;
            skipValue();
            String rawName = json.substring(name, at);
            skipBlanks();
            at++;
            skipBlanks();
            int value = at;
            skipValue();
            members.add(new Member(unquote(rawName), rawName, json.substring(value, at)));
            skipBlanks();
            if (json.charAt(at) == ',') {
                at++;
                skipBlanks();
            }
        }
    }

    void with(String name, String value) {
        int last = members.stream().map(Member::name).toList().lastIndexOf(name);
        if (last < 0) {
            members.add(new Member(name, quote(name), value));
        } else {
            Member kept = new Member(name, members.get(last).rawName(), value);
            members.set(last, kept);
            members.removeIf(m -> m != kept && m.name().equals(name));
        }
    }

    void without(String name) {
        members.removeIf(m -> m.name().equals(name));
    }

    List<String> values(String name) {
        return members.stream()
                .filter(m -> m.name().equals(name))
                .map(Member::rawValue)
                .toList();
    }

    private static String unquote(String rawName) {
        try {
            return MAPPER.readValue(rawName, String.class);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static String quote(String name) {
        try {
            return MAPPER.writeValueAsString(name);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private void skipBlanks() {
        while (at < json.length() && " \t\r\n".indexOf(json.charAt(at)) >= 0) {
            at++;
        }
    }

    private void skipValue() {
        int depth = 0;
        do {
            char c = json.charAt(at++);
            if (c == '"') {
                skipString();
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth--;
            } else if (depth == 0) {
                while (",}] \t\r\n".indexOf(json.charAt(at)) < 0) {
                    at++;
                }
            }
        } while (depth > 0);
    }

    private void skipString() {
        while (json.charAt(at) != '"') {
            at += json.charAt(at) == '\\' ? 2 : 1;
        }
        at++;
    }
}
