"""The dispatcher operators: schemas, fake kernels, CUDA kernels.

`sageattention::attention` and `sageattention::attention_lse`. q, k, v: 4-D float16 or bfloat16. layout: 0 = NHD [batch, token, head,
channel], 1 = HND [batch, head, token, channel]. sm_scale: None is head_dim^-0.5. granularity: 2 = per warp, 3 = per thread. route: 0 = by
GPU and request, else the kernel unit (16 = direct, 70, 80, 90). pv: 0 = by the unit, 1 = fp16, 2 = fp8. pv_accumulator: 0 = by the unit,
1 = fp32, 2 = fp32+fp32, 3 = fp32+fp16. attn_mask: bool, float16, bfloat16 or float32, to be broadcast to [batch, head, query, key]. Results: the
output, contiguous, with q's shape and dtype; with `_lse` also the natural log-sum-exp, float32 [batch, head, token].

`sageattention::attention_varlen`. q, k, v: 3-D [token, head, channel], packed sequences. cu_seqlens_q, cu_seqlens_k: int32, contiguous,
sequences + 1 ascending offsets. Result: the output, contiguous, with q's shape and dtype.
"""

import ctypes

import torch

from . import _arguments, _library

ARGUMENTS = ("Tensor q, Tensor k, Tensor v, int layout=1, bool is_causal=False, float? sm_scale=None, int granularity=3,"
             " bool smooth_k=True, int route=0, int pv=0, int pv_accumulator=0, bool smooth_v=False, Tensor? attn_mask=None")
VARLEN_ARGUMENTS = ("Tensor q, Tensor k, Tensor v, Tensor cu_seqlens_q, Tensor cu_seqlens_k, bool is_causal=False, float? sm_scale=None,"
                    " bool smooth_k=True, int route=0")

library = torch.library.Library("sageattention", "DEF")
library.define(f"attention({ARGUMENTS}) -> Tensor", tags=(torch.Tag.pt2_compliant_tag,))
library.define(f"attention_lse({ARGUMENTS}) -> (Tensor, Tensor)", tags=(torch.Tag.pt2_compliant_tag,))
library.define(f"attention_varlen({VARLEN_ARGUMENTS}) -> Tensor", tags=(torch.Tag.pt2_compliant_tag,))
attention = torch.ops.sageattention.attention.default
attention_lse = torch.ops.sageattention.attention_lse.default
attention_varlen = torch.ops.sageattention.attention_varlen.default


@torch.library.register_fake("sageattention::attention", lib=library)
def fake_attention(q, k, v, layout=1, is_causal=False, sm_scale=None, granularity=3, smooth_k=True, route=0, pv=0, pv_accumulator=0,
                   smooth_v=False, attn_mask=None):
    _arguments.check_operands(q, k, v, layout)
    _arguments.check_mask(attn_mask, q, k, layout)
    return q.new_empty(q.shape)


@torch.library.register_fake("sageattention::attention_lse", lib=library)
def fake_attention_lse(q, k, v, layout=1, is_causal=False, sm_scale=None, granularity=3, smooth_k=True, route=0, pv=0, pv_accumulator=0,
                       smooth_v=False, attn_mask=None):
    _arguments.check_operands(q, k, v, layout)
    _arguments.check_mask(attn_mask, q, k, layout)
    batch, heads, tokens = (q.shape[0], q.shape[1], q.shape[2]) if layout == 1 else (q.shape[0], q.shape[2], q.shape[1])
    return q.new_empty(q.shape), q.new_empty((batch, heads, tokens), dtype=torch.float32)


@torch.library.register_fake("sageattention::attention_varlen", lib=library)
def fake_attention_varlen(q, k, v, cu_seqlens_q, cu_seqlens_k, is_causal=False, sm_scale=None, smooth_k=True, route=0):
    _arguments.check_packed(q, k, v, cu_seqlens_q, cu_seqlens_k)
    return q.new_empty(q.shape)


def make_handle_kernels():
    """The kernels as Python functions over tensor handles, for torch 2.6, which has no registration in C."""
    aoti = torch._C._aoti
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    pointer_of = ctypes.PYFUNCTYPE(pointer, ctypes.py_object, text)(("PyCapsule_GetPointer", ctypes.pythonapi))
    capsule_of = ctypes.PYFUNCTYPE(ctypes.py_object, pointer, text, pointer)(("PyCapsule_New", ctypes.pythonapi))

    def run(wants_lse, inputs, options):
        out, lse = ctypes.c_void_p(), ctypes.c_void_p()
        error = ctypes.create_string_buffer(_library.TEXT_SIZE)
        handles = (ctypes.c_void_p * 6)(*[None if tensor is None else pointer_of(aoti.unsafe_alloc_void_ptr_from_tensor(tensor), None)
                                          for tensor in inputs])
        if _library.library.sage_torch_attention(handles, options, out, lse if wants_lse else None, error, _library.TEXT_SIZE) != 0:
            raise RuntimeError(error.value.decode())
        # The plural: torch 2.6's alloc_tensor_by_stealing_from_void_ptr copies instead of stealing and leaks what it was given.
        return aoti.alloc_tensors_by_stealing_from_void_ptrs(
            [capsule_of(result.value, None, None) for result in ((out, lse) if wants_lse else (out,))])

    def run_any(wants_lse, q, k, v, layout=1, is_causal=False, sm_scale=None, granularity=3, smooth_k=True, route=0, pv=0,
                pv_accumulator=0, smooth_v=False, attn_mask=None):
        return run(wants_lse, (q, k, v, attn_mask, None, None),
                   _library.Options(layout, is_causal, granularity, smooth_k, route, pv, pv_accumulator, smooth_v,
                                    0.0 if sm_scale is None else sm_scale, sm_scale is not None))

    def run_attention(*arguments, **keywords):
        return run_any(False, *arguments, **keywords)[0]

    def run_attention_lse(*arguments, **keywords):
        return tuple(run_any(True, *arguments, **keywords))

    def run_attention_varlen(q, k, v, cu_seqlens_q, cu_seqlens_k, is_causal=False, sm_scale=None, smooth_k=True, route=0):
        return run(False, (q, k, v, None, cu_seqlens_q, cu_seqlens_k),
                   _library.Options(_arguments.PACKED, is_causal, _arguments.GRANULARITIES["per_thread"], smooth_k, route, 0, 0, False,
                                    0.0 if sm_scale is None else sm_scale, sm_scale is not None))[0]

    return {"attention": run_attention, "attention_lse": run_attention_lse, "attention_varlen": run_attention_varlen}


def register(dispatch_key):
    """Puts the kernels on a dispatch key."""
    if not _library.register(dispatch_key):
        for name, kernel in make_handle_kernels().items():
            library.impl(name, kernel, dispatch_key)


if _library.unavailable is None:
    register("CUDA")
