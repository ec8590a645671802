"""The structures of host/sageattention.h by ctypes, for what does not go through the dispatcher."""

import ctypes

import torch

from . import _arguments, _library

DTYPES = {torch.float16: 0, torch.bfloat16: 1, torch.float32: 2, torch.bool: 3}


class Tensor(ctypes.Structure):
    """struct sage_tensor."""

    _fields_ = [("data", ctypes.c_void_p), ("shape", ctypes.c_int64 * 4), ("stride", ctypes.c_int64 * 4), ("dtype", ctypes.c_int32),
                ("device", ctypes.c_int32)]


class Attention(ctypes.Structure):
    """struct sage_attention."""

    _fields_ = [("q", Tensor), ("k", Tensor), ("v", Tensor), ("out", Tensor), ("lse", ctypes.c_void_p), ("sm_scale", ctypes.c_float),
                ("is_causal", ctypes.c_int32), ("smooth_k", ctypes.c_int32), ("granularity", ctypes.c_int32), ("route", ctypes.c_int32),
                ("stream", ctypes.c_void_p), ("workspace", ctypes.c_void_p), ("workspace_size", ctypes.c_uint64), ("pv", ctypes.c_int32),
                ("pv_accumulator", ctypes.c_int32), ("smooth_v", ctypes.c_int32), ("mask", Tensor), ("cu_seqlens_q", ctypes.c_void_p),
                ("cu_seqlens_k", ctypes.c_void_p), ("sequences", ctypes.c_int64)]


class Operands(ctypes.Structure):
    """struct sage_operands."""

    _fields_ = [(name, ctypes.c_void_p) for name in ("q_int8", "k_int8", "v_fp16", "q_scale", "k_scale", "v_scale")]
    _fields_ += [("q_band", ctypes.c_int32)]


def describe(tensor, layout, dtype=None):
    """`tensor` in the logical order batch, head, token, channel."""
    shape, stride = list(tensor.shape), list(tensor.stride())
    if layout == _arguments.PACKED:
        shape, stride = [1, *shape], [0, *stride]
    if layout in (_arguments.PACKED, _arguments.LAYOUTS["NHD"]):
        shape[1], shape[2] = shape[2], shape[1]
        stride[1], stride[2] = stride[2], stride[1]
    stride[3] = 1  # other ones are copied
    described = Tensor(tensor.data_ptr(), dtype=DTYPES[tensor.dtype if dtype is None else dtype], device=tensor.device.index)
    described.shape[:], described.stride[:] = shape, stride
    return described


def describe_mask(mask):
    described = Tensor(mask.data_ptr(), dtype=DTYPES[mask.dtype], device=mask.device.index)
    missing = 4 - mask.dim()
    described.shape[:] = [1] * missing + list(mask.shape)
    described.stride[:] = [0] * missing + list(mask.stride())
    return described


def call(function, *arguments):
    """(status, text) of a function of the library that takes structures."""
    text = ctypes.create_string_buffer(_library.TEXT_SIZE)
    status = function(*map(ctypes.byref, arguments), text, _library.TEXT_SIZE)
    return status, text.value.decode()
