"""What the public functions accept. Every refusal is one sentence that names the argument; nothing is dropped in silence."""

import torch

from . import _library

MAXIMUM_HEAD_DIM = 128
LAYOUTS = {"NHD": 0, "HND": 1}
GRANULARITIES = {"per_warp": 2, "per_thread": 3}
PV_ACCUMULATORS = ("fp32", "fp16", "fp16+fp32")

# Keyword arguments of torch's scaled_dot_product_attention and of upstream's functions, with the values that ask for what happens anyway.
NO_EFFECT = {
    "attn_mask": (None,),
    "dropout_p": (0.0,),
    "scale": (None,),
    "enable_gqa": (False, True),
    "smooth_k": (True,),
    "smooth_v": (False,),
    "qk_quant_gran": ("per_thread",),
    "pv_accum_dtype": PV_ACCUMULATORS,
}


def refuse_unknown(function, keywords):
    """TypeError that names every keyword argument that would change the result or is unknown."""
    refused = []
    for name, value in keywords.items():
        if name not in NO_EFFECT:
            refused.append(name)
        elif isinstance(value, torch.Tensor) or value not in NO_EFFECT[name]:
            refused.append(f"{name} (accepted: {', '.join(repr(accepted) for accepted in NO_EFFECT[name])})")
    if refused:
        raise TypeError(f"{function}() does not support these keyword arguments: {', '.join(refused)}")


def choose(name, value, choices):
    """The number of one of the named choices."""
    if not isinstance(value, str) or value not in choices:
        shown = repr(value) if isinstance(value, str) or value is None else f"a {type(value).__name__}"
        raise ValueError(f"{name} is {shown}, it must be {' or '.join(repr(choice) for choice in choices)}")
    return choices[value]


def check_tensors(q, k, v, layout):
    """Kinds, devices, dtypes and shapes, in this order; see check_operands for the layouts."""
    if _library.unavailable is not None:
        raise RuntimeError(_library.unavailable)
    for name, tensor in (("q", q), ("k", k), ("v", v)):
        if not isinstance(tensor, torch.Tensor):
            raise TypeError(f"{name} is a {type(tensor).__name__}, a torch.Tensor is needed")
        if tensor.device.type != "cuda":
            reason = _library.explain_no_gpu()
            details = "" if reason is None else f" ({reason})"
            raise ValueError(f"{name} is on {tensor.device}, sageattention computes on CUDA devices{details}")
        if tensor.device != q.device:
            raise ValueError(f"{name} is on {tensor.device} and q on {q.device}, all must be on one device")
    check_operands(q, k, v, layout)


def check_operands(q, k, v, layout):
    """Dtypes, and shapes q [batch, heads, tokens, head_dim], k and v [batch, kv_heads, kv_tokens, head_dim] for layout 1; layout 0
    exchanges heads and tokens."""
    for name, tensor in (("q", q), ("k", k), ("v", v)):
        if tensor.dtype not in (torch.float16, torch.bfloat16):
            raise TypeError(f"{name} is {tensor.dtype}, torch.float16 or torch.bfloat16 is needed")
        if tensor.dtype != q.dtype:
            raise TypeError(f"{name} is {tensor.dtype} and q {q.dtype}, all must have one dtype")
        if tensor.dim() != 4:
            raise ValueError(f"{name} has {tensor.dim()} dimensions, 4 are needed: batch, heads and tokens in the order of tensor_layout,"
                             " head_dim")
    heads, tokens = (1, 2) if layout == 1 else (2, 1)
    for name, tensor in (("k", k), ("v", v)):
        if tensor.shape[0] != q.shape[0]:
            raise ValueError(f"{name} has batch size {tensor.shape[0]} and q {q.shape[0]}, they must be equal")
        if tensor.shape[3] != q.shape[3]:
            raise ValueError(f"{name} has head_dim {tensor.shape[3]} and q {q.shape[3]}, they must be equal")
    if v.shape[heads] != k.shape[heads]:
        raise ValueError(f"v has {v.shape[heads]} heads and k {k.shape[heads]}, they must be equal")
    if v.shape[tokens] != k.shape[tokens]:
        raise ValueError(f"v has {v.shape[tokens]} tokens and k {k.shape[tokens]}, they must be equal")
    if not 1 <= q.shape[3] <= MAXIMUM_HEAD_DIM:
        raise ValueError(f"q has head_dim {q.shape[3]}, 1 to {MAXIMUM_HEAD_DIM} are supported")
    if k.shape[heads] == 0 or q.shape[heads] % k.shape[heads] != 0:
        raise ValueError(f"q has {q.shape[heads]} heads and k {k.shape[heads]}, the former must be a multiple of the latter")
