"""An engine's answer in a form that two runs of one request share, and where two of them differ."""

import json
import math
from itertools import zip_longest

# New at every request, or of where tokens were cached and how text was cut into events, not of what was answered.
VOLATILE = {"id", "item_id", "call_id", "request_id", "created", "created_at", "completed_at", "sequence_number", "cache_salt",
            "prompt_tokens_details", "input_tokens_details", "cache_read_input_tokens", "cache_creation_input_tokens", "input_tokens"}
# Text that each event of a stream repeats; other text continues.
REPEATED = {"object", "model", "role", "type", "finish_reason", "stop_reason", "system_fingerprint", "name", "status"}
MISSING = object()


def stable(value):
    if isinstance(value, dict):
        return {name: stable(member) for name, member in value.items() if name not in VOLATILE}
    return [stable(item) for item in value] if isinstance(value, list) else value


def merged(name, left, right):
    """What two pieces of a stream say together."""
    if left is None or right is None:
        return right if left is None else left
    if isinstance(left, dict) and isinstance(right, dict):
        return left | {key: merged(key, left.get(key), member) for key, member in right.items()}
    if isinstance(left, list) and isinstance(right, list):
        return by_index(left, right) if all(indexed(item) for item in left + right) else left + right
    return left + right if isinstance(left, str) and isinstance(right, str) and name not in REPEATED else right


def indexed(item):
    return isinstance(item, dict) and "index" in item


def by_index(left, right):
    items = {item["index"]: item for item in left}
    for item in right:
        items[item["index"]] = merged(None, items.get(item["index"]), item)
    return [items[index] for index in sorted(items)]


def folded(text):
    """A stream's events, neighbours that continue each other as one: how an engine cuts its text depends on the clock."""
    runs = []
    for line in text.splitlines():
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        event = stable(json.loads(data)) if data != "[DONE]" else {"type": "[DONE]"}
        kind = event.get("type")
        if runs and runs[-1].get("type") == kind and (kind is None or "delta" in event):
            runs[-1] = merged(None, runs[-1], event)
        else:
            runs.append(event)
    return runs


def read(status, content_type, body):
    """Of a refusal only its kind is kept: its words name limits that differ between the two engines."""
    text = body.decode("utf-8", "surrogatepass")
    media = content_type.split(";")[0].strip()
    value = folded(text) if media == "text/event-stream" else stable(json.loads(text))
    if status >= 400:
        value = value["error"]["type"]
    return {"status": status, "content type": media, "answer": value}


def difference(left, right, path=""):
    """The first place where two answers differ, as text; None when they are the same."""
    if isinstance(left, dict) and isinstance(right, dict):
        pairs = [(f"{path}.{name}", left.get(name, MISSING), right.get(name, MISSING)) for name in left | right]
    elif isinstance(left, list) and isinstance(right, list):
        pairs = [(f"{path}[{i}]", a, b) for i, (a, b) in enumerate(zip_longest(left, right, fillvalue=MISSING))]
    elif isinstance(left, float) and isinstance(right, float):
        # Log probabilities: a prompt computed whole and one whose KV was pulled are rounded differently.
        return None if math.isclose(left, right, abs_tol=1e-3) else f"{path[1:]}: {left!r}, then {right!r}"
    else:
        return None if left is right or left == right else f"{path[1:]}: {shown(left)}, then {shown(right)}"
    return next((found for place, a, b in pairs if (found := difference(a, b, place))), None)


def shown(value):
    text = "nothing" if value is MISSING else repr(value)
    return text if len(text) <= 160 else text[:157] + "..."
