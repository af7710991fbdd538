#!/usr/bin/env bash
# Two vLLM engines on the loopback, a prefiller and a decoder, which pass KV on by nixl, nixl-push or mooncake.
#
#   engines.sh start [KIND]   starts what is not running and waits until both are healthy; KIND is nixl when absent
#   engines.sh stop           ends both and waits until they have ended
#   engines.sh status         says what runs; exit status 0 when both are healthy
#
# settings.sh names the folders and ports. The engines keep more than one core busy even when idle: stop them when done.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/settings.sh"
start_seconds=${START_SECONDS:-300}

port_of()      { case $1 in prefiller) echo "$prefiller_port" ;; decoder) echo "$decoder_port" ;; esac; }
side_port_of() { case $1 in prefiller) echo "$prefiller_side_port" ;; decoder) echo "$decoder_side_port" ;; esac; }
log_of()       { echo "$run/$1.log"; }
in_use()       { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }
healthy()      { "$venv/bin/python" "$here/healthy.py" "$(port_of "$1")" 2> /dev/null; }

# A process id alone may have gone to somebody else since: the time the process began makes it ours.
began()   { sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | cut -d' ' -f20; }
pid_of()  {
  local pid start
  read -r pid start _ 2> /dev/null < "$run/$1.pid" && [ -n "$start" ] && [ "$(began "$pid")" = "$start" ] && echo "$pid"
}
kind_of() { cut -d' ' -f3 "$run/$1.pid"; }

# What an engine is told of the transfer. Mooncake has roles: each asserts that it is never asked for the other's part. Its default
# of 10 workers lets transfers stop when 20 clients have left; docs/connectors/mooncake.md says why.
transfer_of() {
  case $kind in
    nixl) echo '{"kv_connector":"NixlConnector","kv_role":"kv_both","kv_buffer_device":"cpu"}' ;;
    nixl-push) echo '{"kv_connector":"NixlPushConnector","kv_role":"kv_both","kv_buffer_device":"cpu"}' ;;
    mooncake)
      local role=kv_producer
      [ "$1" = prefiller ] || role=kv_consumer
      echo '{"kv_connector":"MooncakeConnector","kv_connector_module_path":"mooncake_on_cpu","kv_role":"'$role'","kv_connector_extra_config":{"mooncake_protocol":"tcp","num_workers":200}}' ;;
  esac
}

check() {
  [ -x "$venv/bin/vllm" ] || fail "no vLLM in $venv; run $here/install.sh first, or set PD_VLLM_VENV"
  [ -f "$model/config.json" ] || fail "no model in $model; run $here/install.sh first, or set PD_VLLM_MODEL"
  # Mooncake's engine is linked against libraries that no Python package brings.
  [ "$kind" != mooncake ] || "$venv/bin/python" -c 'import mooncake.engine' \
    || fail "no Mooncake in $venv; run $here/install.sh, and see $here/../../docs/real-vllm.md for the libraries that it needs"
  mkdir -p "$run" 2> /dev/null || fail "cannot make the folder $run; set PD_VLLM_HOME to one that can be written"
}

launch() {
  local name=$1 port side_port pid
  port=$(port_of "$name") side_port=$(side_port_of "$name")
  if pid=$(pid_of "$name"); then
    [ "$(kind_of "$name")" = "$kind" ] || fail "the $name runs with $(kind_of "$name"); stop the engines first: $0 stop"
    say "$name: already running, process $pid, port $port"
    return
  fi
  in_use "$port" && fail "port $port is in use; set ${name^^}_PORT to a free one"
  in_use "$side_port" && fail "port $side_port is in use; set ${name^^}_SIDE_PORT to a free one"
  if [ "$kind $name" = "mooncake prefiller" ] && in_use "$bootstrap_port"; then
    fail "port $bootstrap_port is in use; set BOOTSTRAP_PORT to a free one"
  fi
  # Block sizes other than a multiple of 32 share no size between attention on CPUs and NIXL.
  env VLLM_NIXL_SIDE_CHANNEL_HOST=127.0.0.1 VLLM_NIXL_SIDE_CHANNEL_PORT="$side_port" VLLM_HOST_IP=127.0.0.1 \
    MC_LOCAL_IP=127.0.0.1 VLLM_MOONCAKE_BOOTSTRAP_PORT="$bootstrap_port" PYTHONPATH="$here/connectors" \
    UCX_TLS=tcp,shm,self UCX_NET_DEVICES=lo VLLM_CPU_KVCACHE_SPACE=1 VLLM_CPU_OMP_THREADS_BIND=nobind OMP_NUM_THREADS=1 \
    HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 \
    setsid "$venv/bin/vllm" serve "$model" --served-model-name "$model_name" --host 127.0.0.1 --port "$port" \
    --dtype float32 --enforce-eager --seed 0 --max-model-len 1024 --block-size 32 \
    --enable-auto-tool-choice --tool-call-parser hermes --enable-prompt-tokens-details \
    --kv-transfer-config "$(transfer_of "$name")" < /dev/null > "$(log_of "$name")" 2>&1 &
  pid=$!
  echo "$pid $(began "$pid") $kind" > "$run/$name.pid"
  launched+=("$name")
  say "$name: starting with $kind, process $pid, port $port, log $(log_of "$name")"
}

give_up() {
  trap - EXIT INT TERM
  for name in "${launched[@]}"; do end "$name"; done
}

await() {
  local name=$1 deadline=$((SECONDS + start_seconds))
  until healthy "$name"; do
    if ! pid_of "$name" > /dev/null; then
      tail -n 25 "$(log_of "$name")" >&2
      fail "the $name ended while starting; the end of $(log_of "$name") is above"
    fi
    [ "$SECONDS" -lt "$deadline" ] || fail "the $name is not healthy after $start_seconds s; see $(log_of "$name")"
    sleep 1
  done
  say "$name: healthy, http://127.0.0.1:$(port_of "$name")"
}

start() {
  kind=$1
  [ -n "$(transfer_of prefiller)" ] || fail "no such transfer: $kind (there are: nixl, nixl-push, mooncake)"
  check
  launched=()
  trap give_up EXIT; trap 'exit 130' INT; trap 'exit 143' TERM
  launch prefiller; launch decoder
  await prefiller; await decoder
  trap - EXIT INT TERM
}

end() {
  local name=$1 pid deadline=$((SECONDS + 20))
  if ! pid=$(pid_of "$name"); then say "$name: not running"; rm -f "$run/$name.pid"; return; fi
  kill -TERM "$pid" 2> /dev/null || true
  # The engine has processes of its own, all of the group that setsid made.
  while kill -0 -- "-$pid" 2> /dev/null; do
    [ "$SECONDS" -lt "$deadline" ] || kill -KILL -- "-$pid" 2> /dev/null || true
    sleep 0.2
  done
  rm -f "$run/$name.pid"
  say "$name: ended (process $pid)"
}

status() {
  local code=0 pid
  for name in prefiller decoder; do
    if ! pid=$(pid_of "$name"); then say "$name: not running"; code=1
    elif healthy "$name"; then say "$name: healthy, process $pid, http://127.0.0.1:$(port_of "$name")"
    else say "$name: not healthy, process $pid, see $(log_of "$name")"; code=1; fi
  done
  return "$code"
}

case ${1:-} in
  start) start "${2:-nixl}" ;;
  stop) end prefiller; end decoder ;;
  status) status ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
