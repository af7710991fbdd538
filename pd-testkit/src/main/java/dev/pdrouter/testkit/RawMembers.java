package dev.pdrouter.testkit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The members of a JSON object as they are spelled, in order: to see whether bytes are what they were.
 *
 * @param all each from its name's first quote to its value's last byte
 */
record RawMembers(List<Member> all) {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /**
     * One member.
     *
     * @param name unescaped
     * @param text name, blanks and value
     * @param value the value alone
     */
    record Member(String name, String text, byte[] value) {}

    static RawMembers of(byte[] object) {
        List<Member> members = new ArrayList<>();
        try (JsonParser parser = FACTORY.createParser(object)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                int from = at(parser.currentTokenLocation().getByteOffset());
                String name = parser.currentName();
                parser.nextToken();
                int begin = at(parser.currentTokenLocation().getByteOffset());
                parser.skipChildren();
                parser.finishToken();
                int end = at(parser.currentLocation().getByteOffset());
                byte[] value = Arrays.copyOfRange(object, begin, end);
                members.add(new Member(name, new String(object, from, end - from, StandardCharsets.UTF_8), value));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new RawMembers(members);
    }

    private static int at(long offset) {
        return Math.toIntExact(offset);
    }

    /** What is left when some are not looked at. */
    String without(Set<String> names) {
        return all.stream()
                .filter(member -> !names.contains(member.name()))
                .map(Member::text)
                .collect(Collectors.joining(","));
    }

    Optional<byte[]> value(String name) {
        return all.stream()
                .filter(member -> member.name().equals(name))
                .map(Member::value)
                .findFirst();
    }
}
