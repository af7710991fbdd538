#!/usr/bin/env -S python3 -B
"""Compares one engine's answers with those that come through a P/D sidecar, token for token.

  compare.py --sidecar 127.0.0.1:8000 --prefiller 127.0.0.1:8100 --decoder 127.0.0.1:8200 [--only TEXT]

Each request goes to the decoder alone, then through the sidecar with the prefiller named in its routing header. Every
sending has a `cache_salt` of its own, so no KV is left from an earlier one and the decoder has to get it; its counter says
of how many tokens it did, whatever the transfer. Exit status: 0 all the same, 1 something differs or was not transferred, 2 nothing to compare with.
"""

import argparse
import http.client
import json
import re
import sys
import time
import uuid

from answers import difference, read
from cases import CASES

COUNTER = "vllm:prompt_tokens_by_source_total"
LABEL = 'source="external_kv_transfer"'


def ask(address, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(address, timeout=180)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.getheader("Content-Type") or "", response.read()
    finally:
        connection.close()


def send(address, case, model, routing):
    request = {"model": model, "cache_salt": uuid.uuid4().hex} | case.members
    body = json.dumps({name: value for name, value in request.items() if value is not None}, ensure_ascii=case.escaped)
    try:
        return read(*ask(address, "POST", case.path, body.encode(), {"Content-Type": "application/json"} | routing))
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as e:
        return {"failure": f"{type(e).__name__}: {e}"}


def transferred(decoder):
    """Tokens of prompts whose KV the decoder was given, so far."""
    page = ask(decoder, "GET", "/metrics")[2].decode()
    return sum(float(value) for value in re.findall(rf"^{COUNTER}\{{.*{LABEL}.*\}} (\S+)$", page, re.MULTILINE))


def pulled(decoder, before, wanted):
    """Tokens transferred since; the counter follows the answer, so what is wanted is waited for."""
    deadline = time.monotonic() + 5
    while (count := transferred(decoder) - before) == 0 and wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    return int(count)


def tokens(answer):
    counts = re.findall(r"'(?:completion|output)_tokens': (\d+)", str(answer))
    return counts[-1] if counts else "-"


def verdict(case, alone, routed, count):
    if "failure" in alone or alone["status"] >= 500:
        return "DECODER", f"the decoder alone: {alone.get('failure') or alone['status']}"
    if found := difference(alone, routed):
        return "DIFFERS", found
    return ("NO PULL", "the decoder pulled nothing") if case.pulls and not count else ("same", "")


def compare(options, model):
    chosen = [case for case in CASES if options.only in case.name]
    start, bad = transferred(options.decoder), 0
    print(f"{'request':44} {'status':>6} {'tokens':>6} {'pulled':>6}  result")
    for case in chosen:
        alone = send(options.decoder, case, model, {})
        before = transferred(options.decoder)
        routed = send(options.sidecar, case, model, {"x-prefiller-host-port": options.prefiller})
        count = pulled(options.decoder, before, case.pulls)
        result, why = verdict(case, alone, routed, count)
        bad += result != "same"
        print(f"{case.name:44} {routed.get('status', '-'):>6} {tokens(routed):>6} {count:>6}  {result} {why}".rstrip(), flush=True)
    print(f"\n{len(chosen) - bad} of {len(chosen)} the same; {COUNTER} {start:.0f} before, {transferred(options.decoder):.0f} after")
    return 1 if bad or not chosen else 0


def main():
    parser = argparse.ArgumentParser(description="compares one engine's answers with those through a P/D sidecar")
    parser.add_argument("--sidecar", default="127.0.0.1:8000", help="host:port (default %(default)s)")
    parser.add_argument("--prefiller", default="127.0.0.1:8100", help="what the routing header names (default %(default)s)")
    parser.add_argument("--decoder", default="127.0.0.1:8200", help="the sidecar's decoder (default %(default)s)")
    parser.add_argument("--only", default="", help="only requests whose name contains this")
    options = parser.parse_args()
    for stage in ("decoder", "prefiller", "sidecar"):
        address = getattr(options, stage)
        try:
            status = ask(address, "GET", "/health")[0]
        except (OSError, http.client.HTTPException) as e:
            status = e
        if status != 200:
            print(f"compare.py: the {stage} at {address} is not healthy: {status}", file=sys.stderr)
            return 2
    model = json.loads(ask(options.decoder, "GET", "/v1/models")[2])["data"][0]["id"]
    return compare(options, model)


if __name__ == "__main__":
    sys.exit(main())
