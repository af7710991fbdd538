"""The two engines as the failure scripts see them: asked, counted, killed and started again."""

import http.client
import os
import pathlib
import re
import signal
import subprocess
import time

GAUGES = ("vllm:num_requests_running", "vllm:num_requests_waiting", "vllm:kv_cache_usage_perc")
ENGINES_SH = pathlib.Path(__file__).with_name("engines.sh")


def ask(address, method, path, body=None, headers=None, timeout=180):
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.getheader("Content-Type") or "", response.read()
    finally:
        connection.close()


def metrics(address):
    return ask(address, "GET", "/metrics", timeout=30)[2].decode()


def total(page, name, label=""):
    """The sum of a metric over its series that have the label."""
    series = re.findall(rf"^{re.escape(name)}(\{{.*\}})? (\S+)$", page, re.MULTILINE)
    return sum(float(value) for labels, value in series if label in labels)


def held(address):
    """Requests running, requests waiting, and which part of the KV cache is in use."""
    page = metrics(address)
    return tuple(total(page, gauge) for gauge in GAUGES)


def unread(address):
    """How many bytes of its peers a server on this machine has not read yet."""
    port = int(address.rsplit(":", 1)[1])
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    established = [row for row in rows if row[3] == "01" and int(row[1].split(":")[1], 16) == port]
    return sum(int(row[4].split(":")[1], 16) for row in established)


def seconds_until(condition, limit):
    """How long it took for the condition to hold; None when it did not within the limit."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > limit:
            return None
        time.sleep(0.05)
    return time.monotonic() - began


def started(kind):
    """Starts those of the engines that do not run; what engines.sh says of it is shown only when it fails."""
    done = subprocess.run([ENGINES_SH, "start", kind], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def signalled(name, number):
    """Sends an engine and all of its processes a signal."""
    status = subprocess.run([ENGINES_SH, "status"], capture_output=True, text=True).stdout
    found = re.search(rf"^{name}: .*, process (\d+)", status, re.MULTILINE)
    if not found:
        raise SystemExit(status)
    pid = int(found.group(1))
    os.killpg(pid, number)
    return pid


def killed(name):
    """Kills an engine, and waits until nothing is left of it."""
    pid = signalled(name, signal.SIGKILL)
    seconds_until(lambda: not alive(pid), 20)


def alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
