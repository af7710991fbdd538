"""Makes a Llama of 2.8 million random parameters with one token a byte.

  make_model.py FOLDER

Its text is noise, but noise that depends on every token of the prompt: a decoder that reads wrong KV says something else.
The weights come from a fixed seed, so every machine makes the same ones."""

import json
import pathlib
import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

SPECIAL = ["<s>", "</s>", "<unk>"]
CONTEXT = 2048
LETTERS = sorted(pre_tokenizers.ByteLevel.alphabet())
VOCABULARY = len(SPECIAL) + len(LETTERS)

# Tools are rendered in the order in which their members came, so a proxy that sorts keys is found out.
TEMPLATE = """\
{%- if tools %}<tools>{{ tools | tojson }}</tools>
{% endif %}
{%- for message in messages %}<{{ message.role }}>{{ message.content }}{% if message.tool_calls %}{{ message.tool_calls | tojson }}{% endif %}
{% endfor %}
{%- if add_generation_prompt %}<assistant>{% endif %}"""


def tokenizer(folder):
    vocabulary = {token: number for number, token in enumerate(SPECIAL + LETTERS)}
    bytewise = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    bytewise.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "model_max_length": CONTEXT,
        "chat_template": TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1))


def weights(folder):
    torch.manual_seed(20)
    llama = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCABULARY,
            hidden_size=256,
            intermediate_size=512,
            num_hidden_layers=4,
            num_attention_heads=4,
            num_key_value_heads=4,
            max_position_embeddings=CONTEXT,
            bos_token_id=0,
            eos_token_id=1,
            dtype="float32",
            initializer_range=0.08,  # the usual 0.02 is so even that greedy answers hardly differ
        )
    )
    # Half a character is not text: what is no ASCII letter stays unlikely.
    with torch.no_grad():
        for number, token in enumerate(SPECIAL + LETTERS):
            if len(token) > 1 or not "!" <= token <= "~":
                llama.lm_head.weight[number] = 0
    llama.save_pretrained(folder)
    generation = {"bos_token_id": 0, "eos_token_id": 1, "do_sample": False}
    (folder / "generation_config.json").write_text(json.dumps(generation))
    return sum(parameter.numel() for parameter in llama.parameters())


folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
tokenizer(folder)
count = weights(folder)
(folder / "made").touch()
print(f"model: {count:,} parameters in {folder}")
