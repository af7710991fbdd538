#!/usr/bin/env -S python3 -B
"""Clients that leave at random moments, and what the engines still hold for them afterwards.

  leaving.py [--clients 400] [--together 8] [--longest 400] [--seed 1] [--sidecar 127.0.0.1:8000] [--prefiller ...] ...

Each sends a request that is streamed or not, long or short, and leaves after 0 to 400 ms, half of them by a reset (on a
slow machine --longest should be what a request takes); one in
ten stays, and has to get its whole answer. When the last has left, the engines' requests running and waiting and the used
part of their KV caches are read until all are 0. Exit status: 0 when that took no more than two seconds.
"""

import argparse
import dataclasses
import json
import queue
import random
import socket
import struct
import sys
import threading
import time
import uuid
from collections import Counter

from engines import ask, held

PROSE = "A lighthouse keeper counts the ships that pass at night, and writes each one down with the hour and the wind. "
RESET = struct.pack("ii", 1, 0)
SOON = 2.0
LONGEST = 600


@dataclasses.dataclass(frozen=True)
class Client:
    path: str
    body: dict
    stays: float  # seconds
    resets: bool

    def visit(self, options):
        """Returns how far the answer had come when it left."""
        host, port = options.sidecar.rsplit(":", 1)
        body = json.dumps(self.body).encode()
        head = (f"POST {self.path} HTTP/1.1\r\nHost: {options.sidecar}\r\nContent-Type: application/json\r\n"
                f"x-prefiller-host-port: {options.prefiller}\r\nContent-Length: {len(body)}\r\n\r\n")
        with socket.create_connection((host, int(port))) as connection:
            deadline = time.monotonic() + self.stays
            connection.sendall(head.encode() + body)
            answer = received(connection, deadline)
            if self.resets:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        if not answer:
            return "before the answer"
        return "with an error" if not answer.startswith(b"HTTP/1.1 200 ") else "with all of it" if whole(answer) else "in the answer"


def received(connection, deadline):
    answer = b""
    while not whole(answer) and (left := deadline - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            piece = connection.recv(65536)
        except TimeoutError:
            break
        if not piece:
            break
        answer += piece
    return answer


def whole(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return len(body) >= lengths[0] if lengths else body.endswith(b"0\r\n\r\n")


def clients(options, model):
    dice = random.Random(options.seed)
    for _ in range(options.clients):
        text = PROSE * dice.choice((1, 1, 3, 6))
        chat = dice.random() < 0.5
        body = {"model": model, "cache_salt": uuid.UUID(int=dice.getrandbits(128)).hex, "max_tokens": dice.choice((20, 150)),
                "stream": dice.random() < 0.5} | ({"messages": [{"role": "user", "content": text}]} if chat else {"prompt": text})
        stays = LONGEST if dice.random() < 0.1 else dice.uniform(0, options.longest / 1000)
        yield Client("/v1/chat/completions" if chat else "/v1/completions", body, stays, dice.random() < 0.5)


def visits(options, model):
    waiting, seen = queue.SimpleQueue(), []
    for client in clients(options, model):
        waiting.put(client)

    def visit():
        while True:
            try:
                client = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                how = client.visit(options)
            except OSError as e:
                how = f"with {type(e).__name__}"
            seen.append(("stayed, " if client.stays == LONGEST else "left ") + how)

    threads = [threading.Thread(target=visit) for _ in range(options.together)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(seen)


def settled(options):
    """Shows what the engines hold, whenever that changes, until it is nothing; returns after how many seconds that was."""
    began, shown = time.monotonic(), None
    print(f"\n{'seconds after':>13} " + " ".join(f"{f'{name}: {gauge}':>22}" for name in ("prefiller", "decoder") for gauge in ("running", "waiting", "KV used")))
    while True:
        holding = held(options.prefiller) + held(options.decoder)
        seconds = time.monotonic() - began
        if holding != shown:
            print(f"{seconds:13.2f} " + " ".join(f"{value:22.6g}" for value in holding), flush=True)
            shown = holding
        if not any(holding) or seconds > LONGEST:
            return seconds
        time.sleep(0.1)


def main():
    parser = argparse.ArgumentParser(description="clients that leave at random moments, and what engines still hold then")
    parser.add_argument("--clients", type=int, default=400, help="how many (default %(default)s)")
    parser.add_argument("--together", type=int, default=8, help="how many at once (default %(default)s)")
    parser.add_argument("--longest", type=int, default=400, help="ms until a client leaves (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the dice (default %(default)s)")
    parser.add_argument("--sidecar", default="127.0.0.1:8000", help="host:port (default %(default)s)")
    parser.add_argument("--prefiller", default="127.0.0.1:8100", help="what the routing header names (default %(default)s)")
    parser.add_argument("--decoder", default="127.0.0.1:8200", help="the sidecar's decoder (default %(default)s)")
    options = parser.parse_args()
    model = json.loads(ask(options.decoder, "GET", "/v1/models")[2])["data"][0]["id"]
    seen = visits(options, model)
    for how, count in sorted(seen.items()):
        print(f"{count:5} {how}")
    seconds = settled(options)
    whole_ones = all(how == "stayed, with all of it" for how in seen if how.startswith("stayed"))
    print(f"\nnothing held after {seconds:.2f} s" + ("" if whole_ones else "; not all who stayed got their answer"))
    return 0 if seconds <= SOON and whole_ones else 1


if __name__ == "__main__":
    sys.exit(main())
