# Sourced by the other scripts: where things live and which ports they take. Each can be set in the environment.
home=${PD_VLLM_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/pd-router/real-vllm}
venv=${PD_VLLM_VENV:-$home/venv}
model=${PD_VLLM_MODEL:-$home/model}
run=$home/run
prefiller_port=${PREFILLER_PORT:-8100}
decoder_port=${DECODER_PORT:-8200}
prefiller_side_port=${PREFILLER_SIDE_PORT:-5600}
decoder_side_port=${DECODER_SIDE_PORT:-5601}
bootstrap_port=${BOOTSTRAP_PORT:-8998}
model_name=tiny

say()  { printf '%s\n' "$*"; }
fail() { printf 'real-vllm: %s\n' "$*" >&2; exit 1; }
