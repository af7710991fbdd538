package dev.pdrouter.connector;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Several objects made one, each member as it is spelled. */
final class JsonUnion {

    private static final ByteRange OPEN = ByteRange.of(new byte[] {'{'});
    private static final ByteRange COMMA = ByteRange.of(new byte[] {','});
    private static final ByteRange CLOSE = ByteRange.of(new byte[] {'}'});

    private JsonUnion() {}

    /** The members of unedited objects in their order; of one name the last counts. None when there is no member. */
    static List<ByteRange> of(List<JsonBody> objects) {
        Map<String, ByteRange> members = new LinkedHashMap<>();
        for (JsonBody object : objects) {
            JsonIndex index = object.index();
            for (int member = 0; member < index.size(); member++) {
                ByteRange spelled = new ByteRange(index.bytes, index.key(member), index.end(member));
                members.put(name(index, member), spelled);
            }
        }
        List<ByteRange> union = new ArrayList<>();
        for (ByteRange member : members.values()) {
            union.add(union.isEmpty() ? OPEN : COMMA);
            union.add(member);
        }
        if (!union.isEmpty()) {
            union.add(CLOSE);
        }
        return union;
    }

    /** As it is spelled: engines of one kind spell one hash in one way. */
    private static String name(JsonIndex index, int member) {
        int from = index.key(member);
        String spelled = new String(index.bytes, from, index.value(member) - from, StandardCharsets.ISO_8859_1);
        return spelled.substring(0, spelled.lastIndexOf('"'));
    }
}
