"""Quantised attention: INT8 QK^T with smoothed K, FP16 PV (SageAttention, arXiv 2410.02367 and 2411.10958).

`sageattn(q, k, v)` takes the place of `torch.nn.functional.scaled_dot_product_attention` for inference. Importing needs no GPU; a call
on a machine that lacks something says what.
"""

import warnings

import torch

from . import _build, _environment
from .core import sageattn, sageattn_qk_int8_pv_fp16_cuda

__version__ = _build.VERSION
__all__ = ["sageattn", "sageattn_qk_int8_pv_fp16_cuda"]

_mismatch = _environment.explain_mismatch(_build.TORCH, _build.CUDA, torch.__version__, torch.version.cuda)
if _mismatch is not None:
    warnings.warn(_mismatch, stacklevel=2)
