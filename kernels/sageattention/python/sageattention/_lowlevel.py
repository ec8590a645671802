"""The attention kernels below the API that programs call on tensors they quantised themselves: `sageattention.core._qattn_sm80`, `_sm89`,
`_sm90` and `attn_false`.

Same meaning of operands, scales and layouts as upstream's (see _quantise), whatever GPU it is: the units multiply P and V in FP16 with an
FP32 accumulator, which is more exact than what most of the names ask for. tensor_layout: 0 = NHD, 1 = HND; qk_quant_gran: 2 = per warp,
3 = per thread. `o` is written. The result is the log-sum-exp in base 2, float32 [batch, heads, tokens], empty if return_lse is 0.
"""

import types

import torch

from . import _arguments, _library, _route
from ._quantise import LOG2_E, as_hnd, values_of_fp8
from ._request import Attention, Operands, call, describe, describe_mask

LAYOUT_NAMES = {number: name for name, number in _arguments.LAYOUTS.items()}
PER_WARP, PER_THREAD = 2, 3
Q_TILE, K_TILE = 128, 64


def pad(tensor, tokens, channels):
    """[batch, heads, tokens, channels], dense, filled up with zeros."""
    return torch.nn.functional.pad(tensor, (0, channels - tensor.shape[3], 0, tokens - tensor.shape[2])).contiguous()


def check_scales(name, scales, batch, heads, count):
    if tuple(scales.shape) != (batch, heads, count) or scales.dtype != torch.float32:
        raise ValueError(f"{name} is {scales.dtype} {list(scales.shape)}, torch.float32 {[batch, heads, count]} is needed: see"
                         " sageattention._quantise for the groups")
    return scales.contiguous()


def attend(q, k, v, o, q_scale, k_scale, v_scale, layout, is_causal, granularity, sm_scale, return_lse, q_band=32, k_block=64,
           attn_mask=None):
    """q, k: int8, o: 16 bits, in the caller's layout. v: float16 [batch, heads, tokens or more, head_dim]. sm_scale None: q_scale holds it,
    times log2(e)."""
    _arguments.check_available()
    if o.stride(3) != 1:
        raise ValueError(f"o has stride {o.stride(3)} in its last dimension, which must be contiguous")
    layout_name = LAYOUT_NAMES[layout]
    q_rows, k_rows = as_hnd(q, layout_name), as_hnd(k, layout_name)
    batch, heads, sq, d = q_rows.shape
    kv_heads, sk = k_rows.shape[1], k_rows.shape[2]
    channels = 64 if d <= 64 else 128
    sq_padded, sk_padded = -(-sq // Q_TILE) * Q_TILE, -(-sk // K_TILE) * K_TILE
    per_thread = granularity == PER_THREAD
    q_scale = check_scales("q_scale", q_scale, batch, heads, sq_padded // q_band * (8 if per_thread else 1))
    k_scale = check_scales("k_scale", k_scale, batch, kv_heads, -(-sk // k_block) * (4 if per_thread else 1))
    if k_block != K_TILE:  # two tiles share what one block has
        k_scale = k_scale.unflatten(2, (-1, 4 if per_thread else 1)).repeat_interleave(k_block // K_TILE, dim=2).flatten(2)
        k_scale = k_scale[:, :, :sk_padded // K_TILE * (4 if per_thread else 1)].contiguous()
    if sm_scale is not None:
        q_scale = q_scale * (abs(sm_scale) * LOG2_E)
        q_rows = -q_rows if sm_scale < 0 else q_rows
    operands = (pad(q_rows, sq_padded, channels), pad(k_rows, sk_padded, channels), pad(v[:, :, :sk], sk_padded, channels), q_scale, k_scale,
                torch.nn.functional.pad(v_scale, (0, channels - d), value=1.0).contiguous())
    lse = torch.empty((batch, heads, sq), dtype=torch.float32, device=q.device) if return_lse else None
    request = Attention(q=describe(q, layout, o.dtype), k=describe(k, layout, o.dtype), v=describe(k, layout, o.dtype),
                        out=describe(o, layout), lse=None if lse is None else lse.data_ptr(), sm_scale=1.0, is_causal=bool(is_causal),
                        granularity=granularity, route=_route.route, stream=torch.cuda.current_stream(q.device).cuda_stream,
                        pv=_arguments.PV_FP16)
    if attn_mask is not None:
        request.mask = describe_mask(attn_mask)
    status, text = call(_library.library.sage_attend, request, Operands(*[tensor.data_ptr() for tensor in operands], q_band))
    if status != 0:
        raise RuntimeError(text)
    return torch.empty(0, device=q.device) if lse is None else lse * LOG2_E


def qk_int8_sv_f16(query, key, value, o, q_scale, k_scale, tensor_layout, is_causal, qk_quant_gran, sm_scale, return_lse):
    v = as_hnd(value, LAYOUT_NAMES[tensor_layout])
    ones = torch.ones(v.shape[0], v.shape[1], v.shape[3], device=v.device)
    return attend(query, key, v, o, q_scale, k_scale, ones, tensor_layout, is_causal, qk_quant_gran, sm_scale, return_lse)


def qk_int8_sv_f8(query, key, value, o, q_scale, k_scale, v_scale, tensor_layout, is_causal, qk_quant_gran, sm_scale, return_lse):
    v = values_of_fp8(value, LAYOUT_NAMES[tensor_layout])
    return attend(query, key, v, o, q_scale, k_scale, v_scale, tensor_layout, is_causal, qk_quant_gran, sm_scale, return_lse)


def qk_int8_sv_f8_sm90(query, key, value, o, q_scale, k_scale, v_scale, tensor_layout, is_causal, qk_quant_gran, sm_scale, return_lse):
    """Blocks of 64 queries (a band of 16 per warp) and of 128 keys."""
    v = values_of_fp8(value, LAYOUT_NAMES[tensor_layout])
    groups = 8 if qk_quant_gran == PER_THREAD else 1
    rows = -(-query.shape[1 if tensor_layout == 0 else 2] // Q_TILE) * Q_TILE
    q_scale = torch.nn.functional.pad(q_scale, (0, rows // 16 * groups - q_scale.shape[2]))  # an odd number of blocks of 64
    return attend(query, key, v, o, q_scale, k_scale, v_scale, tensor_layout, is_causal, qk_quant_gran, sm_scale, return_lse, q_band=16,
                  k_block=128)


def attn_false(q, k, v, q_scale, k_scale, tensor_layout="HND", attn_mask=None, output_dtype=torch.float16, return_lse=False):
    """Upstream's Triton attention without causality, on the operands of per_block_int8_triton: (output, log-sum-exp in base 2)."""
    out = torch.empty(q.shape, dtype=output_dtype, device=q.device)
    layout = _arguments.choose("tensor_layout", tensor_layout, _arguments.LAYOUTS)
    rows = as_hnd(v, tensor_layout).to(torch.float16)
    ones = torch.ones(rows.shape[0], rows.shape[1], rows.shape[3], device=v.device)
    lse = attend(q, k, rows, out, q_scale.repeat_interleave(Q_TILE // 32, dim=2), k_scale, ones, layout, False, PER_WARP, None, return_lse,
                 attn_mask=attn_mask)
    return out, lse


_qattn_sm80 = types.SimpleNamespace(
    qk_int8_sv_f16_accum_f32_attn=qk_int8_sv_f16, qk_int8_sv_f16_accum_f16_attn=qk_int8_sv_f16,
    qk_int8_sv_f16_accum_f16_attn_inst_buf=qk_int8_sv_f16)
_qattn_sm89 = types.SimpleNamespace(
    qk_int8_sv_f8_accum_f32_fuse_v_scale_attn=qk_int8_sv_f8, qk_int8_sv_f8_accum_f32_fuse_v_scale_attn_inst_buf=qk_int8_sv_f8,
    qk_int8_sv_f8_accum_f16_fuse_v_scale_attn_inst_buf=qk_int8_sv_f8)
_qattn_sm90 = types.SimpleNamespace(qk_int8_sv_f8_accum_f32_fuse_v_scale_attn_inst_buf=qk_int8_sv_f8_sm90)
