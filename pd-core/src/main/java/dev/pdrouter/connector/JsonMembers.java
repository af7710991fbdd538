package dev.pdrouter.connector;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The members of an indexed object as a few edits leave them.
 *
 * @param index the object
 * @param edits members that have another value or none, in their order
 * @param added members that follow the object's own
 */
record JsonMembers(JsonIndex index, List<Edit> edits, List<Added> added) {

    /** What a member has instead of its value: another, or nothing when it is removed. */
    record Edit(int member, @Nullable List<ByteRange> value) {}

    record Added(String name, List<ByteRange> value) {}

    static JsonMembers of(JsonIndex index) {
        return new JsonMembers(index, List.of(), List.of());
    }

    int count(String name) {
        int count = 0;
        JsonName wanted = new JsonName(name);
        for (int member = index.size(); (member = previous(wanted, member)) >= 0; ) {
            count++;
        }
        return added(name) == null ? count : count + 1;
    }

    /** Whether one of the names that an open one means occurs more than once. */
    boolean repeats(JsonName open) {
        Set<String> seen = new HashSet<>();
        added.stream().map(Added::name).filter(open::isOf).forEach(seen::add);
        for (int member = index.size(); (member = previous(open, member)) >= 0; ) {
            if (!seen.add(index.name(member))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a name may occur more than once. When this says no, none does; yes may be wrong. */
    boolean mayRepeat() {
        return !edits.isEmpty() || !added.isEmpty() || index.mayRepeat();
    }

    /** The value of the last member of a name. */
    @Nullable
    List<ByteRange> find(String name) {
        Added addition = added(name);
        if (addition != null) {
            return addition.value;
        }
        int member = previous(new JsonName(name), index.size());
        if (member < 0) {
            return null;
        }
        Edit edit = editOf(member);
        return edit == null ? List.of(new ByteRange(index.bytes, index.value(member), index.end(member))) : edit.value;
    }

    /** The first byte of what {@link #find} finds; 0 when that is nothing. */
    byte firstByte(String name) {
        if (edits.isEmpty() && added.isEmpty()) {
            int member = previous(new JsonName(name), index.size());
            return member < 0 ? 0 : index.bytes[index.value(member)];
        }
        List<ByteRange> value = find(name);
        return value == null ? 0 : value.getFirst().firstByte();
    }

    private @Nullable Added added(String name) {
        for (int i = 0; i < added.size(); i++) {
            if (added.get(i).name.equals(name)) {
                return added.get(i);
            }
        }
        return null;
    }

    /** Puts a value in the place of the name's last one, the others being removed, or at the end. */
    JsonMembers set(String name, List<ByteRange> value) {
        JsonName wanted = new JsonName(name);
        int last = previous(wanted, index.size());
        if (last >= 0) {
            List<Edit> changes = removals(wanted, last);
            changes.add(new Edit(last, value));
            return new JsonMembers(index, merge(changes), added);
        }
        List<Added> more = new ArrayList<>(added);
        Added addition = new Added(name, value);
        for (int i = 0; i < more.size(); i++) {
            if (more.get(i).name.equals(name)) {
                more.set(i, addition);
                return new JsonMembers(index, edits, more);
            }
        }
        more.add(addition);
        return new JsonMembers(index, edits, more);
    }

    /** Removes every member of a name; itself when there is none. */
    JsonMembers remove(JsonName unwanted) {
        if (previous(unwanted, index.size()) < 0 && !isAdded(unwanted)) {
            return this;
        }
        List<Added> less = new ArrayList<>(added);
        less.removeIf(a -> unwanted.isOf(a.name));
        return new JsonMembers(index, merge(removals(unwanted, index.size())), less);
    }

    private boolean isAdded(JsonName name) {
        return !added.isEmpty() && added.stream().anyMatch(a -> name.isOf(a.name));
    }

    private List<Edit> removals(JsonName name, int before) {
        List<Edit> removals = new ArrayList<>();
        for (int member = before; (member = previous(name, member)) >= 0; ) {
            removals.add(new Edit(member, null));
        }
        return removals;
    }

    private List<Edit> merge(List<Edit> changes) {
        if (changes.isEmpty()) {
            return edits;
        }
        List<Edit> merged = new ArrayList<>(changes);
        merged.addAll(edits);
        merged.sort(Comparator.comparingInt(Edit::member));
        // The sort is stable, so of two edits of one member the newer one stands first.
        List<Edit> distinct = new ArrayList<>(merged.size());
        for (Edit edit : merged) {
            if (distinct.isEmpty() || distinct.getLast().member != edit.member) {
                distinct.add(edit);
            }
        }
        return distinct;
    }

    /** The nearest member before another that has this name and is not removed, -1 when there is none. */
    private int previous(JsonName name, int before) {
        for (int member = before - 1; member >= 0; member--) {
            if (index.isNamed(member, name) && !isRemoved(member)) {
                return member;
            }
        }
        return -1;
    }

    private boolean isRemoved(int member) {
        Edit edit = editOf(member);
        return edit != null && edit.value == null;
    }

    private @Nullable Edit editOf(int member) {
        int low = 0;
        int high = edits.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Edit edit = edits.get(middle);
            if (edit.member == member) {
                return edit;
            }
            if (edit.member < member) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    /** The object as it is now, with what stands around it between two positions of the array. */
    List<ByteRange> ranges(int from, int to) {
        if (edits.isEmpty() && added.isEmpty()) {
            return List.of(new ByteRange(index.bytes, from, to));
        }
        Splice splice = new Splice(index.bytes, from);
        int kept = firstKept();
        int size = index.size();
        if (kept > 0) {
            splice.replace(index.key(0), kept < size ? index.key(kept) : index.end(size - 1), List.of());
        }
        for (Edit edit : edits) {
            int member = edit.member;
            if (edit.value != null) {
                splice.replace(index.value(member), index.end(member), edit.value);
            } else if (member > kept) {
                splice.replace(index.end(member - 1), index.end(member), List.of());
            }
        }
        int behind = size == 0 ? index.open + 1 : index.end(size - 1);
        boolean first = kept == size;
        for (Added a : added) {
            splice.replace(behind, behind, List.of(ByteRange.of(new JsonName(a.name).spelled(first))));
            splice.replace(behind, behind, a.value);
            first = false;
        }
        return splice.upTo(to);
    }

    /** The first member that is not removed; the number of members when all are. */
    private int firstKept() {
        int member = 0;
        while (member < edits.size() && edits.get(member).member == member && edits.get(member).value == null) {
            member++;
        }
        return member;
    }
}
