"""vLLM's MooncakeConnector for engines without an accelerator; `kv_connector_module_path` names this module.

The connector asks torch for the accelerator that it is on, which is an error where there is none. The number goes nowhere
but to `set_device`, which does nothing on CPUs, so any will do."""

import torch
from vllm.distributed.kv_transfer.kv_connector.v1.mooncake.mooncake_connector import MooncakeConnector

__all__ = ["MooncakeConnector"]

if not torch.accelerator.is_available():
    torch.accelerator.current_device_index = lambda: 0
