"""The public functions.

Shapes: q [batch, heads, tokens, head_dim], k and v [batch, kv_heads, kv_tokens, head_dim] for tensor_layout "HND"; heads and tokens
exchanged for "NHD". heads is a multiple of kv_heads (grouped-query attention); head_dim is 1 to 128; lengths are free; any strides.
Dtypes: float16 or bfloat16, one for all. Everything is on one CUDA device and runs on its current stream.
attn_mask: bool (true: the key counts), float16, bfloat16 or float32 (added to the logits), broadcast to [batch, heads, tokens, kv_tokens]
whatever the layout is; a row without any key gives 0.
Results: a contiguous tensor like q; with return_lse=True also the natural log-sum-exp of each row, float32 [batch, heads, tokens].
is_causal masks keys whose index is above the query's, both counted from 0 (upstream's and torch's rule). There is no backward pass.
Every function but sageattn_varlen also takes attn_mask, smooth_k, smooth_v, qk_quant_gran and pv_accum_dtype, and all of them scale,
dropout_p=0 and enable_gqa, as torch's scaled_dot_product_attention; other values and unknown names raise.
Errors: ValueError (shape, device, value), TypeError (dtype, keyword argument), RuntimeError (what the GPU or driver lacks).
"""

import torch

from . import _arguments, _operator, _route
from ._lowlevel import _qattn_sm80, _qattn_sm89, _qattn_sm90, attn_false  # noqa: F401 (programs look for them here)
from ._quantise import (  # noqa: F401
    get_cuda_arch_versions, per_block_int8_triton, per_channel_fp8, per_thread_int8_triton, per_warp_int8_cuda,
)
from ._arguments import FP8_ACCUMULATORS, FP16_ACCUMULATORS, GRANULARITIES, PV_FP8, PV_FP16, Options


def _attend(q, k, v, tensor_layout, is_causal, return_lse, options):
    layout = _arguments.choose("tensor_layout", tensor_layout, _arguments.LAYOUTS)
    operator = _operator.attention_lse if return_lse else _operator.attention
    arguments = (layout, bool(is_causal), None if options.sm_scale is None else float(options.sm_scale), options.granularity,
                 options.smooth_k, _route.route, options.pv, options.pv_accumulator, options.smooth_v, options.attn_mask)
    if torch.compiler.is_compiling():
        return operator(q, k, v, *arguments)  # the fake kernel checks; an exception of traced Python code would lose its text
    # The operator checks its inputs itself before a launch; only a failing call pays for the check that explains it (10 us).
    try:
        return operator(q, k, v, *arguments)
    except Exception as error:
        failure = error
    try:
        _arguments.check_tensors(q, k, v, layout, options.attn_mask)
        raise failure
    finally:
        del failure  # its traceback holds this frame: without this, q, k and v would live until the next garbage collection


def _as_torch(q, k, v, attn_mask, fifth, sixth, return_lse, keywords):
    """A call that was written for torch's scaled_dot_product_attention(query, key, value, attn_mask, dropout_p, is_causal, *, scale,
    enable_gqa): `fifth` and `sixth` stand where sageattn has is_causal and sm_scale, which may also have been given by name."""
    dropout_p, is_causal = (0.0, fifth) if isinstance(fifth, bool) else (fifth, False)
    sm_scale = sixth
    if isinstance(sixth, bool):
        is_causal, sm_scale = sixth, None
    _arguments.check_dropout("sageattn", dropout_p)
    options = Options(sm_scale, attn_mask=attn_mask)
    _arguments.take_keywords("sageattn", keywords, options)
    return _attend(q, k, v, "HND", is_causal, return_lse, options)


def sageattn(q=None, k=None, v=None, tensor_layout="HND", is_causal=False, sm_scale=None, return_lse=False, **kwargs):
    """Attention by the fastest unit that serves the GPU and the request (see `explain`).

    sm_scale multiplies QK^T; None is head_dim^-0.5. See the module for the rest. It may also be called like torch's
    scaled_dot_product_attention, so that it can take its place: query, key and value by name, the mask (a tensor or None) as fourth
    argument, then dropout_p and is_causal.
    """
    if "query" in kwargs or "key" in kwargs or "value" in kwargs:
        q, k, v = (kwargs.pop(name, given) for name, given in (("query", q), ("key", k), ("value", v)))
    if tensor_layout is None or isinstance(tensor_layout, torch.Tensor):
        return _as_torch(q, k, v, tensor_layout, is_causal, sm_scale, return_lse, kwargs)
    options = Options(sm_scale)
    if kwargs:
        _arguments.take_keywords("sageattn", kwargs, options)
    return _attend(q, k, v, tensor_layout, is_causal, return_lse, options)


def sageattn_qk_int8_pv_fp16_triton(q, k, v, tensor_layout="HND", quantization_backend="triton", is_causal=False, attn_mask=None,
                                    sm_scale=None, smooth_k=True, return_lse=False, **kwargs):
    """Attention with INT8 QK^T and FP16 PV. quantization_backend: "triton" or "cuda" name upstream's two ways to the same codes; here
    both are the kernels of `sageattn_qk_int8_pv_fp16_cuda`, and nothing needs Triton."""
    _arguments.choose("quantization_backend", quantization_backend, dict.fromkeys(_arguments.BACKENDS))
    options = Options(sm_scale, smooth_k=bool(smooth_k), pv=PV_FP16, attn_mask=attn_mask)
    if kwargs:
        _arguments.take_keywords("sageattn_qk_int8_pv_fp16_triton", kwargs, options)
    return _attend(q, k, v, tensor_layout, is_causal, return_lse, options)


def _attend_cuda(function, q, k, v, tensor_layout, is_causal, gran, sm_scale, pv, accumulator, smooth_k, smooth_v, return_lse, keywords):
    accumulators = FP16_ACCUMULATORS if pv == PV_FP16 else FP8_ACCUMULATORS
    options = Options(sm_scale, _arguments.choose("qk_quant_gran", gran, GRANULARITIES), bool(smooth_k), pv,
                      _arguments.choose("pv_accum_dtype", accumulator, accumulators), bool(smooth_v))
    if keywords:
        _arguments.take_keywords(function, keywords, options)
    return _attend(q, k, v, tensor_layout, is_causal, return_lse, options)


def sageattn_qk_int8_pv_fp16_cuda(q, k, v, tensor_layout="HND", is_causal=False, qk_quant_gran="per_thread", sm_scale=None,
                                  pv_accum_dtype="fp32", smooth_k=True, smooth_v=False, return_lse=False, **kwargs):
    """Attention with INT8 QK^T and FP16 PV.

    qk_quant_gran: "per_thread" or "per_warp", who shares a scale of Q and K (arXiv 2411.10958, section 3.2). smooth_k: subtract the mean
    of K over tokens. pv_accum_dtype: "fp32", "fp16" or "fp16+fp32"; the last two name faster, less exact accumulators and are computed
    as "fp32" here. smooth_v makes up for an fp16 accumulator, so it has no effect.
    """
    return _attend_cuda("sageattn_qk_int8_pv_fp16_cuda", q, k, v, tensor_layout, is_causal, qk_quant_gran, sm_scale, PV_FP16,
                        pv_accum_dtype, smooth_k, smooth_v, return_lse, kwargs)


def sageattn_qk_int8_pv_fp8_cuda(q, k, v, tensor_layout="HND", is_causal=False, qk_quant_gran="per_thread", sm_scale=None,
                                 pv_accum_dtype="fp32+fp16", smooth_k=True, smooth_v=False, return_lse=False, **kwargs):
    """Attention with INT8 QK^T and FP8 PV where the GPU has a unit for it, else FP16 PV, which is more exact.

    pv_accum_dtype: "fp32", "fp32+fp32" or "fp32+fp16" (arXiv 2505.21136); a unit may accumulate more exactly than it is asked to.
    smooth_v: also subtract the mean of V over tokens before FP8, which helps against a bias of its channels.
    """
    return _attend_cuda("sageattn_qk_int8_pv_fp8_cuda", q, k, v, tensor_layout, is_causal, qk_quant_gran, sm_scale, PV_FP8,
                        pv_accum_dtype, smooth_k, smooth_v, return_lse, kwargs)


def sageattn_qk_int8_pv_fp8_cuda_sm90(q, k, v, tensor_layout="HND", is_causal=False, qk_quant_gran="per_thread", sm_scale=None,
                                      pv_accum_dtype="fp32+fp32", smooth_k=True, return_lse=False, **kwargs):
    """The same under the name of upstream's Hopper kernel; it runs on every GPU."""
    return _attend_cuda("sageattn_qk_int8_pv_fp8_cuda_sm90", q, k, v, tensor_layout, is_causal, qk_quant_gran, sm_scale, PV_FP8,
                        pv_accum_dtype, smooth_k, False, return_lse, kwargs)


def sageattn_varlen(q, k, v, cu_seqlens_q, cu_seqlens_k, max_seqlen_q, max_seqlen_k, is_causal=False, sm_scale=None, smooth_k=True,
                    **kwargs):
    """Attention within packed sequences: q [tokens, heads, head_dim], k and v [kv_tokens, kv_heads, head_dim]; sequence i has the tokens
    from cu_seqlens[i] to cu_seqlens[i + 1]. The causal mask counts from the start of each sequence, and K is smoothed by a mean per
    sequence. The kernels read the lengths themselves: max_seqlen_q and max_seqlen_k change nothing, and the host waits for nothing.
    """
    options = Options(sm_scale)
    if kwargs:
        _arguments.take_keywords("sageattn_varlen", kwargs, options, _arguments.VARLEN_WITHOUT)
    offsets = []
    for given in (cu_seqlens_q, cu_seqlens_k):
        fits = not isinstance(given, torch.Tensor) or (given.dtype == torch.int32 and given.is_contiguous())
        offsets.append(given if fits or given.is_floating_point() else given.to(torch.int32).contiguous())
    arguments = (*offsets, bool(is_causal), None if options.sm_scale is None else float(options.sm_scale), bool(smooth_k), _route.route)
    if torch.compiler.is_compiling():
        return _operator.attention_varlen(q, k, v, *arguments)
    try:
        return _operator.attention_varlen(q, k, v, *arguments)
    except Exception as error:
        failure = error
    try:
        _arguments.check_packed_tensors(q, k, v, *offsets)
        raise failure
    finally:
        del failure
