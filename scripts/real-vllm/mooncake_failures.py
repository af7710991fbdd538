#!/usr/bin/env -S python3 -B
"""Kills Mooncake's prefiller, starts it again and makes it end too early, and looks at what the client and the decoder get.

  mooncake_failures.py [--prefill-first] [--sidecar 127.0.0.1:8000] [--prefiller 127.0.0.1:8100] [--decoder 127.0.0.1:8200] [--eos 1]

Needs the engines of engines.sh, started with mooncake, and starts their prefiller twice. Of each situation it tells the
answer, the seconds that it took, what the decoder has two seconds later (requests running, requests waiting, part of its
KV cache in use) and when that became nothing. Exit status: 0 when each answer was the right one at once and no request
stayed with the decoder.

With --prefill-first, for a sidecar that has -mooncake-prefill-first, there are more situations, and neither engine may keep
a block of any.
"""

import argparse
import json
import signal
import sys
import threading
import time
import uuid

from engines import ask, held, killed, metrics, seconds_until, signalled, started, total, unread

PROSE = "A lighthouse keeper counts the ships that pass at night, and writes each one down with the hour and the wind. "
AT_ONCE = 3
LONGEST = 120  # an engine gives up a transfer after VLLM_MOONCAKE_ABORT_REQUEST_TIMEOUT, or 60 s later


class Situations:
    def __init__(self, options):
        self.options = options
        self.model = json.loads(ask(options.decoder, "GET", "/v1/models")[2])["data"][0]["id"]
        self.bad = 0

    def completion(self, address=None):
        body = {"prompt": PROSE, "max_tokens": 16, "temperature": 0, "return_token_ids": True}
        return self.send("/v1/completions", body, address)

    def early_stop(self, address=None, **members):
        """The prefiller's first token is the one that ends the text; Responses know no min_tokens to prevent it."""
        bias = {"logit_bias": {self.options.eos: 100}}
        return self.send("/v1/responses", {"input": PROSE, "max_output_tokens": 16} | bias | members, address)

    def send(self, path, members, address=None):
        body = json.dumps({"model": self.model, "cache_salt": uuid.uuid4().hex} | members)
        headers = {"Content-Type": "application/json"}
        if address is None:
            headers["x-prefiller-host-port"] = self.options.prefiller
        began = time.monotonic()
        try:
            status, _, answer = ask(address or self.options.sidecar, "POST", path, body, headers, timeout=60)
        except OSError as e:
            status, answer = 0, str(e).encode()
        return status, time.monotonic() - began, answer.decode()

    def frozen_then_killed(self):
        """The request is with both engines when the prefiller dies; the seconds count from when nothing is left of it."""
        return self.killed_when(lambda: held(self.options.decoder)[1] > 0, lambda: "")

    def frozen_first_then_killed(self):
        """The prefiller has the request when it dies, and the decoder has nothing."""
        return self.killed_when(
            lambda: unread(self.options.prefiller) > 0,
            lambda: "" if held(self.options.decoder) == (0, 0, 0) else "WRONG, the decoder had something; ")

    def killed_when(self, asked, look):
        self.completion()
        signalled("prefiller", signal.SIGSTOP)
        answers = []
        thread = threading.Thread(target=lambda: answers.append((self.completion(), time.monotonic())))
        thread.start()
        waits = seconds_until(asked, 20)
        seen = look() if waits is not None else "WRONG, the engines were not asked; "
        killed("prefiller")
        gone = time.monotonic()
        thread.join()
        (status, _, answer), ended = answers[0]
        return status, max(0, ended - gone), seen + answer

    def early_stop_alone(self, **members):
        """As early_stop, with the decoder's own answer to compare with."""
        before = self.transferred()
        status, seconds, answer = self.early_stop(**members)
        if status == 200:
            same = essence(answer) == essence(self.early_stop(self.options.decoder, **members)[2])
            answer = f"{'the same' if same else 'WRONG, another'} answer, {self.transferred() - before:.0f} tokens transferred"
        return status, seconds, answer

    def refused(self, limit):
        """What only the decoder refuses, since the prefiller's limit is 1."""
        return self.send("/v1/completions", {"prompt": PROSE, "max_tokens": limit})

    def restarted(self):
        started("mooncake")
        before = self.transferred()
        status, seconds, answer = self.completion()
        if status == 200:
            alone = self.completion(self.options.decoder)[2]
            same = json.loads(answer)["choices"][0]["token_ids"] == json.loads(alone)["choices"][0]["token_ids"]
            answer = f"{'the same' if same else 'WRONG, another'} text, {self.transferred() - before:.0f} tokens transferred"
        return status, seconds, answer

    def restarted_unnoticed(self):
        self.completion()
        killed("prefiller")
        return self.restarted()

    def transferred(self):
        return total(metrics(self.options.decoder), "vllm:prompt_tokens_by_source_total", 'source="external_kv_transfer"')

    def holding(self):
        """What the decoder has; with the prefiller first what the prefiller has too, while there is one."""
        holding = held(self.options.decoder)
        if self.options.prefill_first:
            try:
                holding += held(self.options.prefiller)
            except OSError:
                pass
        return holding

    def show(self, name, wanted, situation):
        status, seconds, answer = situation()
        began = time.monotonic()
        time.sleep(2)
        running, waiting, usage = held(self.options.decoder)
        free = seconds_until(lambda: not any(self.holding()), LONGEST)
        at_once = free is not None and usage == 0 and free < AT_ONCE - 2
        right = status == wanted and seconds < AT_ONCE and running == waiting == 0 and free is not None and "WRONG" not in answer
        right = right and (at_once or not self.options.prefill_first)
        self.bad += not right
        freed = "never" if free is None else "at once" if at_once else f"{time.monotonic() - began:.0f} s"
        print(f"{name:44} {status:>6} {seconds:>7.2f} {running:>7.0f} {waiting:>7.0f} {usage:>8.5f} {freed:>8}  "
              f"{'right' if right else 'WRONG'}: {' '.join(answer.split())[:150]}", flush=True)

    def run(self):
        print(f"{'situation':44} {'status':>6} {'seconds':>7} {'running':>7} {'waiting':>7} {'KV used':>8} {'free':>8}")
        self.show("all is well", 200, self.completion)
        if self.options.prefill_first:
            self.show("prefiller stops early", 200, self.early_stop_alone)
            self.show("prefiller stops early, streamed", 200, lambda: self.early_stop_alone(stream=True))
            self.show("decoder does not read the limit", 400, lambda: self.refused("many"))
            self.show("decoder does not want the limit", 400, lambda: self.refused(-5))
            self.show("prefiller killed while it works", 502, self.frozen_first_then_killed)
        else:
            self.show("prefiller stops early", 502, self.early_stop)
            self.show("prefiller stops early, streamed", 502, lambda: self.early_stop(stream=True))
            self.show("prefiller killed while both work", 502, self.frozen_then_killed)
        self.show("prefiller dead", 502, self.completion)
        self.show("prefiller restarted", 200, self.restarted)
        self.show("prefiller killed and restarted unnoticed", 200, self.restarted_unnoticed)
        print(f"\n{'all right' if not self.bad else f'{self.bad} wrong'}")
        return 1 if self.bad else 0


def essence(answer):
    """What an answer of Responses says, streamed or not, without its ids and times."""
    events = [line[6:] for line in answer.splitlines() if line.startswith("data: {")]
    response = json.loads(events[-1])["response"] if events else json.loads(answer)
    texts = [part.get("text") for item in response["output"] for part in item.get("content") or []]
    return response["status"], texts, response["usage"]["output_tokens"]


def main():
    parser = argparse.ArgumentParser(description="what becomes of requests when Mooncake's prefiller fails")
    parser.add_argument("--prefill-first", action="store_true", help="the sidecar has -mooncake-prefill-first: nothing may be kept")
    parser.add_argument("--sidecar", default="127.0.0.1:8000", help="host:port (default %(default)s)")
    parser.add_argument("--prefiller", default="127.0.0.1:8100", help="what the routing header names (default %(default)s)")
    parser.add_argument("--decoder", default="127.0.0.1:8200", help="the sidecar's decoder (default %(default)s)")
    parser.add_argument("--eos", default="1", help="the id of the token that ends the model's text (default %(default)s)")
    return Situations(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
