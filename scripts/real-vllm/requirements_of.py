"""Prints what an installed package requires, one requirement a line, without extras and without what is put in otherwise."""

import importlib.metadata
import re
import sys

LEFT_OUT = {"torch", "torchaudio", "torchvision", "torchcodec", "triton"}

for requirement in importlib.metadata.requires(sys.argv[1]) or []:
    name = re.match(r"[A-Za-z0-9._-]+", requirement).group().lower()
    if name not in LEFT_OUT and "extra ==" not in requirement:
        print(requirement)
