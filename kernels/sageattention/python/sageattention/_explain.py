"""`explain`: which kernel unit a call would run, and why."""

import ctypes
from typing import NamedTuple, Optional

import torch

from . import _arguments, _library, _route

DTYPES = {torch.float16: 0, torch.bfloat16: 1, torch.float32: 2, torch.bool: 3}
ACCUMULATORS = {"sageattn": 0, "sageattn_varlen": 0, "sageattn_qk_int8_pv_fp16_triton": 1, "sageattn_qk_int8_pv_fp16_cuda": 1,
                "sageattn_qk_int8_pv_fp8_cuda": 3, "sageattn_qk_int8_pv_fp8_cuda_sm90": 2}  # the default of each function


class Tensor(ctypes.Structure):
    """struct sage_tensor of host/sageattention.h."""

    _fields_ = [("data", ctypes.c_void_p), ("shape", ctypes.c_int64 * 4), ("stride", ctypes.c_int64 * 4), ("dtype", ctypes.c_int32),
                ("device", ctypes.c_int32)]


class Attention(ctypes.Structure):
    """struct sage_attention of host/sageattention.h."""

    _fields_ = [("q", Tensor), ("k", Tensor), ("v", Tensor), ("out", Tensor), ("lse", ctypes.c_void_p), ("sm_scale", ctypes.c_float),
                ("is_causal", ctypes.c_int32), ("smooth_k", ctypes.c_int32), ("granularity", ctypes.c_int32), ("route", ctypes.c_int32),
                ("stream", ctypes.c_void_p), ("workspace", ctypes.c_void_p), ("workspace_size", ctypes.c_uint64), ("pv", ctypes.c_int32),
                ("pv_accumulator", ctypes.c_int32), ("smooth_v", ctypes.c_int32), ("mask", Tensor), ("cu_seqlens_q", ctypes.c_void_p),
                ("cu_seqlens_k", ctypes.c_void_p), ("sequences", ctypes.c_int64)]


class Explanation(NamedTuple):
    """route: the kernel unit, or None if the call would raise; why: a sentence; gpu: its name and compute capability, or None."""

    route: Optional[str]
    why: str
    gpu: Optional[str]

    def __str__(self):
        return f"{self.route or 'no route'}: {self.why}" + (f" ({self.gpu})" if self.gpu else "")


def _describe(tensor, layout):
    shape, stride = list(tensor.shape), list(tensor.stride())
    if layout == _arguments.PACKED:
        shape, stride = [1, *shape], [0, *stride]
    if layout in (_arguments.PACKED, _arguments.LAYOUTS["NHD"]):
        shape[1], shape[2] = shape[2], shape[1]
        stride[1], stride[2] = stride[2], stride[1]
    stride[3] = 1  # other ones are copied
    described = Tensor(tensor.data_ptr(), dtype=DTYPES[tensor.dtype], device=tensor.device.index)
    described.shape[:], described.stride[:] = shape, stride
    return described


def _describe_mask(mask):
    described = Tensor(mask.data_ptr(), dtype=DTYPES[mask.dtype], device=mask.device.index)
    missing = 4 - mask.dim()
    described.shape[:] = [1] * missing + list(mask.shape)
    described.stride[:] = [0] * missing + list(mask.stride())
    return described


def explain(q, k, v, tensor_layout="HND", is_causal=False, sm_scale=None, return_lse=False, *, function="sageattn", cu_seqlens_q=None,
            cu_seqlens_k=None, **kwargs):
    """Which kernel unit `function` (a name of a public function) would run for these arguments, and why. Nothing is launched."""
    if function not in ACCUMULATORS:
        raise ValueError(f"function is {function!r}, it must be {' or '.join(map(repr, ACCUMULATORS))}")
    pv = _arguments.PV_FP16 if "pv_fp16" in function else _arguments.PV_FP8 if "pv_fp8" in function else _arguments.PV_AUTO
    options = _arguments.Options(sm_scale, pv=pv, pv_accumulator=ACCUMULATORS[function])
    packed = cu_seqlens_q is not None
    try:
        _arguments.take_keywords(function, kwargs, options)
        layout = _arguments.PACKED if packed else _arguments.choose("tensor_layout", tensor_layout, _arguments.LAYOUTS)
        if packed:
            _arguments.check_packed_tensors(q, k, v, cu_seqlens_q, cu_seqlens_k)
        else:
            _arguments.check_tensors(q, k, v, layout, options.attn_mask)
    except (RuntimeError, TypeError, ValueError) as problem:
        return Explanation(None, str(problem), None)
    request = Attention(q=_describe(q, layout), k=_describe(k, layout), v=_describe(v, layout), out=_describe(q, layout),
                        sm_scale=q.shape[-1] ** -0.5 if options.sm_scale is None else options.sm_scale, is_causal=bool(is_causal),
                        smooth_k=options.smooth_k, granularity=options.granularity, route=_route.route, pv=pv,
                        pv_accumulator=options.pv_accumulator, smooth_v=options.smooth_v)
    if return_lse:
        request.lse = 256  # whether there is one; nothing is written
    if options.attn_mask is not None:
        request.mask = _describe_mask(options.attn_mask)
    if packed:
        request.cu_seqlens_q, request.cu_seqlens_k = cu_seqlens_q.data_ptr(), cu_seqlens_k.data_ptr()
        request.sequences = cu_seqlens_q.shape[0] - 1
    text = ctypes.create_string_buffer(_library.TEXT_SIZE)
    status = _library.library.sage_explain(ctypes.byref(request), text, _library.TEXT_SIZE)
    answer = text.value.decode()
    _library.library.sage_describe_device(request.q.device, text, _library.TEXT_SIZE)
    gpu = text.value.decode().split(": ")[0]
    if status != 0:
        return Explanation(None, answer, gpu)
    unit, why = answer.split("\n")
    if _route.route != 0:
        why = f"the environment variable {_route.NAME} asks for it"
    return Explanation(unit, why, gpu)
