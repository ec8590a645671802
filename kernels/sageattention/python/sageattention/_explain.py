"""`explain`: which kernel unit a call would run, and why."""

import ctypes
from typing import NamedTuple, Optional

from . import _arguments, _library, _route
from ._request import Attention, call, describe, describe_mask

ACCUMULATORS = {"sageattn": 0, "sageattn_varlen": 0, "sageattn_qk_int8_pv_fp16_triton": 1, "sageattn_qk_int8_pv_fp16_cuda": 1,
                "sageattn_qk_int8_pv_fp8_cuda": 3, "sageattn_qk_int8_pv_fp8_cuda_sm90": 2}  # the default of each function


class Explanation(NamedTuple):
    """route: the kernel unit, or None if the call would raise; why: a sentence; gpu: its name and compute capability, or None."""

    route: Optional[str]
    why: str
    gpu: Optional[str]

    def __str__(self):
        return f"{self.route or 'no route'}: {self.why}" + (f" ({self.gpu})" if self.gpu else "")


def explain(q, k, v, tensor_layout="HND", is_causal=False, sm_scale=None, return_lse=False, *, function="sageattn", cu_seqlens_q=None,
            cu_seqlens_k=None, **kwargs):
    """Which kernel unit `function` (a name of a public function) would run for these arguments, and why. Nothing is launched."""
    if function not in ACCUMULATORS:
        raise ValueError(f"function is {function!r}, it must be {' or '.join(map(repr, ACCUMULATORS))}")
    pv = _arguments.PV_FP16 if "pv_fp16" in function else _arguments.PV_FP8 if "pv_fp8" in function else _arguments.PV_AUTO
    options = _arguments.Options(sm_scale, pv=pv, pv_accumulator=ACCUMULATORS[function])
    packed = cu_seqlens_q is not None
    try:
        _arguments.take_keywords(function, kwargs, options, _arguments.VARLEN_WITHOUT if packed else ())
        layout = _arguments.PACKED if packed else _arguments.choose("tensor_layout", tensor_layout, _arguments.LAYOUTS)
        if packed:
            _arguments.check_packed_tensors(q, k, v, cu_seqlens_q, cu_seqlens_k)
        else:
            _arguments.check_tensors(q, k, v, layout, options.attn_mask)
    except (RuntimeError, TypeError, ValueError) as problem:
        return Explanation(None, str(problem), None)
    request = Attention(q=describe(q, layout), k=describe(k, layout), v=describe(v, layout), out=describe(q, layout),
                        sm_scale=q.shape[-1] ** -0.5 if options.sm_scale is None else options.sm_scale, is_causal=bool(is_causal),
                        smooth_k=options.smooth_k, granularity=options.granularity, route=_route.route, pv=pv,
                        pv_accumulator=options.pv_accumulator, smooth_v=options.smooth_v)
    if return_lse:
        request.lse = 256  # whether there is one; nothing is written
    if options.attn_mask is not None:
        request.mask = describe_mask(options.attn_mask)
    if packed:
        request.cu_seqlens_q, request.cu_seqlens_k = cu_seqlens_q.data_ptr(), cu_seqlens_k.data_ptr()
        request.sequences = cu_seqlens_q.shape[0] - 1
    status, answer = call(_library.library.sage_explain, request)
    text = ctypes.create_string_buffer(_library.TEXT_SIZE)
    _library.library.sage_describe_device(request.q.device, text, _library.TEXT_SIZE)
    gpu = text.value.decode().split(": ")[0]
    if status != 0:
        return Explanation(None, answer, gpu)
    unit, why = answer.split("\n")
    if _route.route != 0:
        why = f"the environment variable {_route.NAME} asks for it"
    return Explanation(unit, why, gpu)
