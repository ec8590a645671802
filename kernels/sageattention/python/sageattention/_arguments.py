"""What the public functions accept. Every refusal is one sentence that names the argument; nothing is dropped in silence."""

import torch

from . import _library, _route

MAXIMUM_HEAD_DIM = 128
LAYOUTS = {"NHD": 0, "HND": 1}
PACKED = 2
GRANULARITIES = {"per_warp": 2, "per_thread": 3}
BACKENDS = ("triton", "cuda")

# The formats of P and V (`pv`), and what the accumulators of upstream's functions ask of the library. FP16 units accumulate in fp32, which
# is more exact than what the other names ask for.
PV_AUTO, PV_FP16, PV_FP8 = 0, 1, 2
FP16_ACCUMULATORS = {"fp32": 1, "fp16": 1, "fp16+fp32": 1}
FP8_ACCUMULATORS = {"fp32": 1, "fp32+fp32": 2, "fp32+fp16": 3}
ANY_ACCUMULATORS = {**FP16_ACCUMULATORS, **FP8_ACCUMULATORS}

VARLEN_WITHOUT = ("attn_mask", "smooth_v", "qk_quant_gran", "pv_accum_dtype")
MASK_DTYPES = (torch.bool, torch.float16, torch.bfloat16, torch.float32)


class Options:
    """The values that become arguments of the operator."""

    __slots__ = ("sm_scale", "granularity", "smooth_k", "pv", "pv_accumulator", "smooth_v", "attn_mask")

    def __init__(self, sm_scale, granularity=3, smooth_k=True, pv=PV_AUTO, pv_accumulator=0, smooth_v=False, attn_mask=None):
        self.sm_scale = sm_scale
        self.granularity = granularity
        self.smooth_k = smooth_k
        self.pv = pv
        self.pv_accumulator = pv_accumulator
        self.smooth_v = smooth_v
        self.attn_mask = attn_mask


def take_keywords(function, keywords, options, without=()):
    """Keyword arguments beyond a function's own: those of torch's scaled_dot_product_attention and of upstream's other functions. What
    cannot be honoured raises TypeError or ValueError, and so do those that `without` names."""
    refused = []
    for name, value in keywords.items():
        if name in without:
            refused.append(name)
        elif name == "attn_mask":
            options.attn_mask = value
        elif name == "scale":
            if value is not None and options.sm_scale is not None and value != options.sm_scale:
                raise TypeError(f"{function}() got scale {value} and sm_scale {options.sm_scale}, which mean the same")
            options.sm_scale = options.sm_scale if value is None else value
        elif name == "dropout_p":
            check_dropout(function, value)
        elif name == "smooth_k":
            options.smooth_k = bool(value)
        elif name == "smooth_v":
            options.smooth_v = bool(value)
        elif name == "qk_quant_gran":
            options.granularity = choose(name, value, GRANULARITIES)
        elif name == "pv_accum_dtype":
            options.pv_accumulator = choose(name, value, ANY_ACCUMULATORS)
        elif name != "enable_gqa":  # grouped heads are always possible
            refused.append(name)
    if refused:
        raise TypeError(f"{function}() does not support these keyword arguments: {', '.join(refused)}")


def check_dropout(function, value):
    if value != 0:
        raise ValueError(f"{function}() got dropout_p {value}, it must be 0: there is no dropout, since there is no training")


def choose(name, value, choices):
    """The number of one of the named choices."""
    if not isinstance(value, str) or value not in choices:
        shown = repr(value) if isinstance(value, str) or value is None else f"a {type(value).__name__}"
        raise ValueError(f"{name} is {shown}, it must be {' or '.join(repr(choice) for choice in choices)}")
    return choices[value]


def check_available():
    for problem in (_library.unavailable, _route.problem):
        if problem is not None:
            raise RuntimeError(problem)


def check_device(name, tensor, q):
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"{name} is a {type(tensor).__name__}, a torch.Tensor is needed")
    if tensor.device.type != "cuda":
        reason = _library.explain_no_gpu()
        details = "" if reason is None else f" ({reason})"
        raise ValueError(f"{name} is on {tensor.device}, sageattention computes on CUDA devices{details}")
    if tensor.device != q.device:
        raise ValueError(f"{name} is on {tensor.device} and q on {q.device}, all must be on one device")


def check_tensors(q, k, v, layout, attn_mask):
    """Kinds, devices, dtypes and shapes, in this order; see check_operands for the layouts."""
    check_available()
    for name, tensor in (("q", q), ("k", k), ("v", v)):
        check_device(name, tensor, q)
    check_operands(q, k, v, layout)
    if attn_mask is not None:
        check_device("attn_mask", attn_mask, q)
    check_mask(attn_mask, q, k, layout)


def check_packed_tensors(q, k, v, cu_seqlens_q, cu_seqlens_k):
    check_available()
    for name, tensor in (("q", q), ("k", k), ("v", v), ("cu_seqlens_q", cu_seqlens_q), ("cu_seqlens_k", cu_seqlens_k)):
        check_device(name, tensor, q)
    check_packed(q, k, v, cu_seqlens_q, cu_seqlens_k)


def check_dtypes(q, k, v, dimensions, shape):
    for name, tensor in (("q", q), ("k", k), ("v", v)):
        if tensor.dtype not in (torch.float16, torch.bfloat16):
            raise TypeError(f"{name} is {tensor.dtype}, torch.float16 or torch.bfloat16 is needed")
        if tensor.dtype != q.dtype:
            raise TypeError(f"{name} is {tensor.dtype} and q {q.dtype}, all must have one dtype")
        if tensor.dim() != dimensions:
            raise ValueError(f"{name} has {tensor.dim()} dimensions, {dimensions} are needed: {shape}")


def check_heads(q, k, v, heads, tokens):
    for name, tensor in (("k", k), ("v", v)):
        if tensor.shape[-1] != q.shape[-1]:
            raise ValueError(f"{name} has head_dim {tensor.shape[-1]} and q {q.shape[-1]}, they must be equal")
    if v.shape[heads] != k.shape[heads]:
        raise ValueError(f"v has {v.shape[heads]} heads and k {k.shape[heads]}, they must be equal")
    if v.shape[tokens] != k.shape[tokens]:
        raise ValueError(f"v has {v.shape[tokens]} tokens and k {k.shape[tokens]}, they must be equal")
    if not 1 <= q.shape[-1] <= MAXIMUM_HEAD_DIM:
        raise ValueError(f"q has head_dim {q.shape[-1]}, 1 to {MAXIMUM_HEAD_DIM} are supported: use torch's own"
                         " scaled_dot_product_attention for other ones")
    if k.shape[heads] == 0 or q.shape[heads] % k.shape[heads] != 0:
        raise ValueError(f"q has {q.shape[heads]} heads and k {k.shape[heads]}, the former must be a multiple of the latter")


def check_operands(q, k, v, layout):
    """Dtypes, and shapes q [batch, heads, tokens, head_dim], k and v [batch, kv_heads, kv_tokens, head_dim] for layout 1; layout 0
    exchanges heads and tokens."""
    check_dtypes(q, k, v, 4, "batch, heads and tokens in the order of tensor_layout, head_dim")
    for name, tensor in (("k", k), ("v", v)):
        if tensor.shape[0] != q.shape[0]:
            raise ValueError(f"{name} has batch size {tensor.shape[0]} and q {q.shape[0]}, they must be equal")
    heads, tokens = (1, 2) if layout == 1 else (2, 1)
    check_heads(q, k, v, heads, tokens)


def check_mask(attn_mask, q, k, layout):
    if attn_mask is None:
        return
    if attn_mask.dtype not in MASK_DTYPES:
        raise TypeError(f"attn_mask is {attn_mask.dtype}, torch.bool, torch.float16, torch.bfloat16 or torch.float32 is needed")
    heads, tokens = (1, 2) if layout == 1 else (2, 1)
    wanted = (q.shape[0], q.shape[heads], q.shape[tokens], k.shape[tokens])
    shape = tuple(attn_mask.shape)
    if len(shape) > 4 or any(have != 1 and have != want for have, want in zip(shape[::-1], wanted[::-1])):
        raise ValueError(f"attn_mask has shape {list(shape)}, which cannot be broadcast to {list(wanted)}: batch, heads, tokens of q,"
                         " tokens of k")


def check_packed(q, k, v, cu_seqlens_q, cu_seqlens_k):
    """q [tokens, heads, head_dim], k and v [kv_tokens, kv_heads, head_dim]."""
    check_dtypes(q, k, v, 3, "the tokens of all sequences, heads, head_dim")
    check_heads(q, k, v, 1, 0)
    for name, offsets in (("cu_seqlens_q", cu_seqlens_q), ("cu_seqlens_k", cu_seqlens_k)):
        if offsets.dtype != torch.int32:
            raise TypeError(f"{name} is {offsets.dtype}, torch.int32 is needed")
        if offsets.dim() != 1 or offsets.shape[0] == 0:
            raise ValueError(f"{name} has shape {list(offsets.shape)}, one dimension of the number of sequences + 1 is needed")
    if cu_seqlens_q.shape != cu_seqlens_k.shape:
        raise ValueError(f"cu_seqlens_q has {cu_seqlens_q.shape[0]} elements and cu_seqlens_k {cu_seqlens_k.shape[0]}, they must be equal")
