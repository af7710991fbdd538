"""The requests that compare.py sends: what differs from a plain request, and whether the decoder ought to pull KV for it."""

from dataclasses import dataclass
from typing import Any

CHAT, COMPLETIONS = "/v1/chat/completions", "/v1/completions"
MESSAGES, RESPONSES = "/v1/messages", "/v1/responses"

PROSE = "A lighthouse keeper counts the ships that pass at night, and writes each one down with the hour and the wind. "
UNICODE = 'Grüße, 你好, שלום, 🚢🏴‍☠️ e\u0301, "quoted" \\ back\tslash, \u2028 and </s>. '
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a place",
        "parameters": {  # in no alphabetical order, on purpose
            "type": "object",
            "properties": {"place": {"type": "string"}, "day": {"type": "string"}, "at": {"type": "integer"}},
            "required": ["place", "day"],
        },
    },
}
EARLIER = [
    {"role": "system", "content": "Answer in noise."},
    {"role": "user", "content": PROSE * 2},
    {"role": "assistant", "content": "Eleven ships, wind from the west."},
    {"role": "user", "content": "And after midnight?"},
]


@dataclass(frozen=True)
class Case:
    name: str
    path: str
    members: dict[str, Any]
    pulls: bool = True  # False: a sidecar may well ask the decoder alone
    escaped: bool = True  # whether the body's non-ASCII characters are written as \\u escapes


def chat(name, text=PROSE, **members):
    members = {"messages": [{"role": "user", "content": text}], "max_tokens": 24, "return_token_ids": True} | members
    return Case("chat: " + name, CHAT, members)


def completion(name, prompt=PROSE, **members):
    members = {"prompt": prompt, "max_tokens": 24, "return_token_ids": True} | members
    return Case("completions: " + name, COMPLETIONS, members)


def messages(name, **members):
    members = {"messages": [{"role": "user", "content": PROSE}], "max_tokens": 24, "temperature": 0} | members
    return Case("messages: " + name, MESSAGES, members)


def responses(name, **members):
    return Case("responses: " + name, RESPONSES, {"input": PROSE, "max_output_tokens": 24, "temperature": 0} | members)


def alone(case):
    return Case(case.name, case.path, case.members, pulls=False)


def unescaped(case):
    return Case(case.name, case.path, case.members, escaped=False)


STREAM: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
RUNNING_USAGE = {"stream": True, "stream_options": {"include_usage": True, "continuous_usage_stats": True}}
SAMPLED: dict[str, Any] = {"temperature": 1.1, "top_p": 0.93, "top_k": 40}

CASES = [
    chat("greedy", temperature=0),
    chat("greedy, streamed", temperature=0, **STREAM),
    chat("a few tokens of prompt", "hi", temperature=0),
    chat("long prompt", PROSE * 6, temperature=0),
    chat("several turns", temperature=0, messages=EARLIER),
    chat("several turns, streamed", temperature=0, messages=EARLIER, **STREAM),
    chat("seeded", seed=7, **SAMPLED),
    chat("seed 2^53 + 1", seed=2**53 + 1, **SAMPLED),
    chat("seed 2^63 - 1, streamed", seed=2**63 - 1, **SAMPLED, **STREAM),
    chat("negative seed", seed=-(2**53) - 1, **SAMPLED),
    chat("penalties, spelled-out floats", seed=3, temperature=0.30000000000000004, repetition_penalty=1.0999999999999999),
    chat("logprobs", temperature=0, logprobs=True, top_logprobs=3),
    chat("logprobs, streamed", temperature=0, logprobs=True, top_logprobs=3, **STREAM),
    chat("max_completion_tokens", temperature=0, max_tokens=None, max_completion_tokens=17),
    chat("both limits", temperature=0, max_tokens=50, max_completion_tokens=9),
    chat("min_tokens", temperature=0, min_tokens=20, max_tokens=20),
    chat("stop, at the first token", temperature=1, seed=11, stop=["e", "t", "5", "Kg"], max_tokens=60),
    chat("stop, streamed", temperature=1, seed=12, stop=["e", "t", "5", "Kg"], max_tokens=60, **STREAM),
    chat("unicode", UNICODE, temperature=0),
    unescaped(chat("unicode, unescaped, streamed", UNICODE, temperature=0, **STREAM)),
    chat("tools", temperature=0, tools=[WEATHER]),
    chat("tools, choice none, streamed", temperature=0, tools=[WEATHER], tool_choice="none", **STREAM),
    chat("a named tool", temperature=0, tools=[WEATHER], max_tokens=60,
         tool_choice={"type": "function", "function": {"name": "weather"}}),
    chat("JSON schema", temperature=0, max_tokens=40, response_format={"type": "json_schema", "json_schema": {
        "name": "answer", "schema": {"type": "object", "properties": {"ship": {"type": "boolean"}}, "required": ["ship"]}}}),
    chat("logit_bias", temperature=0, logit_bias={"40": 6, "41": 5.5}),
    chat("usage in every event", temperature=0, **RUNNING_USAGE),
    chat("streamed, no usage", temperature=0, stream=True),
    chat("unknown members", temperature=0, x_unknown={"big": 2**70, "small": 1e-7, "nested": [[None, True]]}),
    completion("greedy", temperature=0),
    completion("greedy, streamed", temperature=0, **STREAM),
    completion("token ids as prompt", [5 + i % 90 for i in range(100)], temperature=0),
    completion("seed 2^53 + 1", seed=2**53 + 1, **SAMPLED),
    completion("seeded, streamed", seed=2**62 + 3, **SAMPLED, **STREAM),
    completion("logprobs", temperature=0, logprobs=4),
    completion("echo", temperature=0, echo=True),
    completion("allowed and bad words", temperature=0, allowed_token_ids=list(range(40, 80)), bad_words=["e"]),
    completion("pattern", temperature=0, structured_outputs={"regex": "[a-f]{12}"}),
    completion("cut prompt", PROSE * 3, temperature=0, truncate_prompt_tokens=100),
    completion("priority, special tokens shown", temperature=0, priority=0, skip_special_tokens=False),
    completion("stop", temperature=1, seed=5, stop=["e", "t"], max_tokens=60),
    completion("unicode", UNICODE * 2, temperature=0),
    completion("usage in every event", temperature=0, **RUNNING_USAGE),
    alone(chat("n", seed=9, n=3, **SAMPLED)),
    alone(chat("n, streamed", seed=9, n=3, **SAMPLED, **STREAM)),
    alone(completion("n", seed=9, n=3, **SAMPLED)),
    alone(completion("two prompts", [PROSE, UNICODE], temperature=0)),
    alone(completion("echo with logprobs", temperature=0, echo=True, logprobs=1)),
    alone(completion("log probabilities of the prompt", temperature=0, prompt_logprobs=2)),
    alone(completion("beam search", temperature=0, use_beam_search=True, n=2, max_tokens=8)),
    alone(chat("a tool is required", temperature=0, tools=[WEATHER], tool_choice="required", max_tokens=60)),
    alone(chat("max_tokens 1", temperature=0, max_tokens=1)),
    alone(chat("no such model", model="no-such-model")),
    alone(chat("a limit of the wrong type", max_tokens="many")),
    alone(completion("prompt too long", PROSE * 20)),
    alone(chat("JSON that is no request", messages="none")),
    messages("greedy"),
    messages("streamed", messages=EARLIER[1:], stream=True),
    messages("system and stops", system="Answer in noise.", stop_sequences=["e", "t", "Kg"], max_tokens=60),
    messages("sampled, streamed", temperature=1.1, top_p=0.93, top_k=1, stream=True),
    messages("tools", tools=[{"name": "weather", "description": "The weather", "input_schema": WEATHER["function"]["parameters"]}]),
    alone(messages("no such model", model="no-such-model")),
    alone(messages("no limit", max_tokens=None)),
    responses("greedy"),
    responses("streamed", stream=True),
    responses("instructions and several turns", instructions="Answer in noise.", input=EARLIER[1:]),
    responses("seed 2^53 + 1", seed=2**53 + 1, **SAMPLED),
    responses("tools", tools=[{"type": "function"} | WEATHER["function"]]),
    responses("not stored, metadata", store=False, metadata={"b": "2", "a": "1"}),
    alone(responses("no such model", model="no-such-model")),
    alone(responses("an earlier one that is unknown", previous_response_id="resp_none")),
]
