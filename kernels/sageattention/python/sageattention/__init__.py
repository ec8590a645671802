"""Quantised attention: INT8 QK^T with smoothed K, FP16 or FP8 PV (SageAttention, arXiv 2410.02367, 2411.10958 and 2505.21136).

`sageattn(q, k, v)` takes the place of `torch.nn.functional.scaled_dot_product_attention` for inference. Importing needs no GPU; a call
on a machine that lacks something says what.
"""

import warnings

import torch

from . import _build, _environment
from ._explain import explain
from .core import (
    sageattn, sageattn_qk_int8_pv_fp8_cuda, sageattn_qk_int8_pv_fp8_cuda_sm90, sageattn_qk_int8_pv_fp16_cuda,
    sageattn_qk_int8_pv_fp16_triton, sageattn_varlen,
)

__version__ = _build.VERSION
__all__ = ["explain", "sageattn", "sageattn_qk_int8_pv_fp16_cuda", "sageattn_qk_int8_pv_fp16_triton", "sageattn_qk_int8_pv_fp8_cuda",
           "sageattn_qk_int8_pv_fp8_cuda_sm90", "sageattn_varlen"]

_mismatch = _environment.explain_mismatch(_build.TORCH, _build.CUDA, torch.__version__, torch.version.cuda)
if _mismatch is not None:
    warnings.warn(_mismatch, stacklevel=2)
