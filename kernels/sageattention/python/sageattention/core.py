"""The public functions.

Shapes: q [batch, heads, tokens, head_dim], k and v [batch, kv_heads, kv_tokens, head_dim] for tensor_layout "HND"; heads and tokens
exchanged for "NHD". heads is a multiple of kv_heads (grouped-query attention); head_dim is 1 to 128; lengths are free; any strides.
Dtypes: float16 or bfloat16, one for all. Everything is on one CUDA device and runs on its current stream.
Results: a contiguous tensor like q; with return_lse=True also the natural log-sum-exp of each row, float32 [batch, heads, tokens].
is_causal masks keys whose index is above the query's, both counted from 0 (upstream's and torch's rule). There is no backward pass.
Errors: ValueError (shape, device, value), TypeError (dtype, keyword argument), RuntimeError (what the GPU or driver lacks).
"""

import torch

from . import _arguments, _operator


def _attention(q, k, v, tensor_layout, is_causal, sm_scale, granularity, smooth_k, return_lse):
    layout = _arguments.choose("tensor_layout", tensor_layout, _arguments.LAYOUTS)
    operator = _operator.attention_lse if return_lse else _operator.attention
    options = (layout, bool(is_causal), None if sm_scale is None else float(sm_scale), granularity, bool(smooth_k))
    if torch.compiler.is_compiling():
        return operator(q, k, v, *options)  # the fake kernel checks; an exception of traced Python code would lose its text
    # The operator checks its inputs itself before a launch; only a failing call pays for the check that explains it (10 us).
    try:
        return operator(q, k, v, *options)
    except Exception as error:
        failure = error
    try:
        _arguments.check_tensors(q, k, v, layout)
        raise failure
    finally:
        del failure  # its traceback holds this frame: without this, q, k and v would live until the next garbage collection


def sageattn(q, k, v, tensor_layout="HND", is_causal=False, sm_scale=None, return_lse=False, **kwargs):
    """Attention with the kernels that suit the GPU: INT8 QK^T per thread, smoothed K, FP16 PV, float32 accumulation.

    sm_scale multiplies QK^T; None is head_dim^-0.5. See the module for shapes, dtypes and errors. Keyword arguments of
    scaled_dot_product_attention are accepted with the values that change nothing (attn_mask=None, dropout_p=0.0); any other raises
    TypeError.
    """
    _arguments.refuse_unknown("sageattn", kwargs)
    return _attention(q, k, v, tensor_layout, is_causal, sm_scale, _arguments.GRANULARITIES["per_thread"], True, return_lse)


def sageattn_qk_int8_pv_fp16_cuda(q, k, v, tensor_layout="HND", is_causal=False, qk_quant_gran="per_thread", sm_scale=None,
                                  pv_accum_dtype="fp32", smooth_k=True, smooth_v=False, return_lse=False, **kwargs):
    """Attention with INT8 QK^T and FP16 PV.

    qk_quant_gran: "per_thread" or "per_warp", who shares a scale of Q and K (arXiv 2411.10958, section 3.2). smooth_k: subtract the mean
    of K over tokens. pv_accum_dtype: "fp32", "fp16" or "fp16+fp32"; the last two name faster, less exact accumulators and are computed
    as "fp32" here. smooth_v makes up for an fp16 accumulator, so it has no effect. The rest is as in `sageattn`.
    """
    _arguments.refuse_unknown("sageattn_qk_int8_pv_fp16_cuda", kwargs)
    granularity = _arguments.choose("qk_quant_gran", qk_quant_gran, _arguments.GRANULARITIES)
    _arguments.choose("pv_accum_dtype", pv_accum_dtype, dict.fromkeys(_arguments.PV_ACCUMULATORS))
    return _attention(q, k, v, tensor_layout, is_causal, sm_scale, granularity, smooth_k, return_lse)
