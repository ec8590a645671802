"""The public functions on fake tensors, beside a real torch without a GPU: signatures, what the operator is asked for, every refusal."""

import argparse
import importlib
import inspect
import os
import sys

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

import sageattention
from sageattention import _operator, _route, bench, core

NO_DRIVER = "no NVIDIA driver on this machine (libcuda.so.1: cannot open shared object file: No such file or directory)"
Q = (1, 4, 5, 64)
CUDA_FUNCTIONS = [sageattention.sageattn_qk_int8_pv_fp16_cuda, sageattention.sageattn_qk_int8_pv_fp8_cuda,
                  sageattention.sageattn_qk_int8_pv_fp8_cuda_sm90]


def make(shape, device="cpu", dtype=torch.float16):
    return torch.empty(shape, dtype=dtype, device=device)


def fakes(q=Q, k=Q, v=Q, **dtypes):
    return tuple(make(shape, "cuda", dtypes.get(name, torch.float16)) for name, shape in (("q", q), ("k", k), ("v", v)))


class Recorder:
    """Stands in for an operator and keeps what it was asked for, by name."""

    def __init__(self, names, results=None):
        self.names = names.split()
        self.results = results

    def __call__(self, *arguments):
        self.asked = dict(zip(self.names, arguments))
        assert len(self.names) == len(arguments)
        return self.results


@pytest.fixture
def asked(monkeypatch):
    """asked(call) -> the arguments of the operator."""
    names = "q k v layout is_causal sm_scale granularity smooth_k route pv pv_accumulator smooth_v attn_mask"
    recorder = Recorder(names)
    monkeypatch.setattr(_operator, "attention", recorder)
    monkeypatch.setattr(_operator, "attention_lse", recorder)

    def ask(call):
        call()
        return {name: value for name, value in recorder.asked.items() if name not in ("q", "k", "v")}

    return ask


DEFAULTS = dict(layout=1, is_causal=False, sm_scale=None, granularity=3, smooth_k=True, route=0, pv=0, pv_accumulator=0, smooth_v=False,
                attn_mask=None)


@pytest.mark.parametrize("name, signature", [
    ("sageattn", "tensor_layout='HND', is_causal=False, sm_scale=None, return_lse=False, **kwargs"),
    ("sageattn_qk_int8_pv_fp16_triton", "tensor_layout='HND', quantization_backend='triton', is_causal=False, attn_mask=None,"
                                        " sm_scale=None, smooth_k=True, return_lse=False, **kwargs"),
    ("sageattn_qk_int8_pv_fp16_cuda", "tensor_layout='HND', is_causal=False, qk_quant_gran='per_thread', sm_scale=None,"
                                      " pv_accum_dtype='fp32', smooth_k=True, smooth_v=False, return_lse=False, **kwargs"),
    ("sageattn_qk_int8_pv_fp8_cuda", "tensor_layout='HND', is_causal=False, qk_quant_gran='per_thread', sm_scale=None,"
                                     " pv_accum_dtype='fp32+fp16', smooth_k=True, smooth_v=False, return_lse=False, **kwargs"),
    ("sageattn_qk_int8_pv_fp8_cuda_sm90", "tensor_layout='HND', is_causal=False, qk_quant_gran='per_thread', sm_scale=None,"
                                          " pv_accum_dtype='fp32+fp32', smooth_k=True, return_lse=False, **kwargs"),
    ("sageattn_varlen", "cu_seqlens_q, cu_seqlens_k, max_seqlen_q, max_seqlen_k, is_causal=False, sm_scale=None, smooth_k=True, **kwargs"),
])
def test_the_signatures_are_those_of_2_2_0(name, signature):
    found = str(inspect.signature(getattr(sageattention, name)))
    assert found == f"(q{'=None' if name == 'sageattn' else ''}, k{'=None' if name == 'sageattn' else ''}," \
                    f" v{'=None' if name == 'sageattn' else ''}, {signature})"
    assert name in sageattention.__all__ and hasattr(core, name)


def test_the_defaults(asked):
    q = make(Q)
    assert asked(lambda: sageattention.sageattn(q, q, q)) == DEFAULTS
    assert asked(lambda: sageattention.sageattn_qk_int8_pv_fp16_triton(q, q, q)) == {**DEFAULTS, "pv": 1}
    for function, pv, accumulator in zip(CUDA_FUNCTIONS, (1, 2, 2), (1, 3, 2)):
        assert asked(lambda: function(q, q, q)) == {**DEFAULTS, "pv": pv, "pv_accumulator": accumulator}


def test_the_options_reach_the_operator(asked):
    q, mask = make(Q), torch.ones(5, 5, dtype=torch.bool)
    got = asked(lambda: sageattention.sageattn_qk_int8_pv_fp8_cuda(
        q, q, q, "NHD", True, "per_warp", 0.5, "fp32", False, True, True, attn_mask=mask))
    assert got == dict(layout=0, is_causal=True, sm_scale=0.5, granularity=2, smooth_k=False, route=0, pv=2, pv_accumulator=1,
                       smooth_v=True, attn_mask=mask)
    got = asked(lambda: sageattention.sageattn_qk_int8_pv_fp16_triton(q, q, q, "HND", "cuda", False, mask, 2, False))
    assert got == {**DEFAULTS, "attn_mask": mask, "sm_scale": 2.0, "smooth_k": False, "pv": 1}
    got = asked(lambda: sageattention.sageattn(q, q, q, attn_mask=mask, scale=0.25, smooth_k=False, smooth_v=True, enable_gqa=True,
                                               dropout_p=0.0, qk_quant_gran="per_warp", pv_accum_dtype="fp32+fp16"))
    assert got == {**DEFAULTS, "attn_mask": mask, "sm_scale": 0.25, "smooth_k": False, "smooth_v": True, "granularity": 2,
                   "pv_accumulator": 3}
    for accumulator in ("fp32", "fp16", "fp16+fp32"):
        assert asked(lambda: sageattention.sageattn_qk_int8_pv_fp16_cuda(q, q, q, pv_accum_dtype=accumulator))["pv_accumulator"] == 1


@pytest.mark.parametrize("call, expected", [
    (lambda f, q, mask: f(q, q, q), {}),
    (lambda f, q, mask: f(q, q, q, None), {}),
    (lambda f, q, mask: f(q, q, q, mask), {"attn_mask": True}),
    (lambda f, q, mask: f(q, q, q, mask, 0.0, True), {"attn_mask": True, "is_causal": True}),
    (lambda f, q, mask: f(q, q, q, None, 0.0, False, scale=0.5), {"sm_scale": 0.5}),
    (lambda f, q, mask: f(q, q, q, mask, is_causal=True), {"attn_mask": True, "is_causal": True}),
    (lambda f, q, mask: f(q, q, q, attn_mask=mask, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=True), {"attn_mask": True}),
    (lambda f, q, mask: f(query=q, key=q, value=q, attn_mask=mask, dropout_p=0.0, is_causal=True),
     {"attn_mask": True, "is_causal": True}),
    (lambda f, q, mask: f(q, q, q, None, 0.0, scale=2), {"sm_scale": 2.0}),
    (lambda f, q, mask: f(q, q, q, None, 0), {}),
])
def test_sageattn_takes_the_place_of_scaled_dot_product_attention(asked, monkeypatch, call, expected):
    """Every form of torch's own function, which is given the same call."""
    q, mask = torch.randn(1, 2, 5, 64), torch.ones(5, 5, dtype=torch.bool)
    functional = torch.nn.functional
    if "attn_mask" not in expected or "is_causal" not in expected:  # torch refuses both at once
        call(functional.scaled_dot_product_attention, q, mask)
    monkeypatch.setattr(functional, "scaled_dot_product_attention", sageattention.sageattn)
    got = asked(lambda: call(functional.scaled_dot_product_attention, q, mask))
    if "attn_mask" in expected:
        expected = {**expected, "attn_mask": mask}
    assert got == {**DEFAULTS, **expected}


def test_names_of_sageattn_beside_a_mask_as_fourth_argument(asked):
    q, mask = make(Q), torch.ones(5, 5, dtype=torch.bool)
    got = asked(lambda: sageattention.sageattn(q, q, q, mask, sm_scale=0.5, is_causal=True, return_lse=True))
    assert got == {**DEFAULTS, "attn_mask": mask, "sm_scale": 0.5, "is_causal": True}


@pytest.mark.parametrize("value, number, problem", [
    ("", 0, None), ("auto", 0, None), ("sm80", 80, None),
    ("sm60", -1, "SAGEATTENTION_ROUTE is 'sm60', it must be 'auto', 'direct', 'sm70', 'sm80', 'sm90'"),
])
def test_the_route_of_the_environment(asked, monkeypatch, value, number, problem):
    monkeypatch.setenv("SAGEATTENTION_ROUTE", value)
    importlib.reload(_route)
    try:
        q = make(Q)
        assert asked(lambda: sageattention.sageattn(q, q, q))["route"] == number
        if problem:
            monkeypatch.undo()
            with pytest.raises(RuntimeError) as raised:
                sageattention.sageattn(q, q, q)
            assert str(raised.value) == problem
    finally:
        monkeypatch.delenv("SAGEATTENTION_ROUTE", raising=False)
        importlib.reload(_route)


@pytest.mark.parametrize("tensors, options, error, text", [
    (fakes, dict(tensor_layout="BHSD"), ValueError, "tensor_layout is 'BHSD', it must be 'NHD' or 'HND'"),
    (fakes, dict(tensor_layout=None), ValueError, "tensor_layout is None, it must be 'NHD' or 'HND'"),
    (fakes, dict(tensor_layout=torch.ones(1)), ValueError, "tensor_layout is a Tensor, it must be 'NHD' or 'HND'"),
    (fakes, dict(qk_quant_gran="per_block"), ValueError, "qk_quant_gran is 'per_block', it must be 'per_warp' or 'per_thread'"),
    (fakes, dict(pv_accum_dtype="fp8"), ValueError, "pv_accum_dtype is 'fp8', it must be 'fp32' or 'fp16' or 'fp16+fp32'"),
    (fakes, dict(window=3, softcap=1.0), TypeError,
     "sageattn_qk_int8_pv_fp16_cuda() does not support these keyword arguments: window, softcap"),
    (fakes, dict(dropout_p=0.1), ValueError,
     "sageattn_qk_int8_pv_fp16_cuda() got dropout_p 0.1, it must be 0: there is no dropout, since there is no training"),
    (fakes, dict(sm_scale=0.1, scale=0.2), TypeError,
     "sageattn_qk_int8_pv_fp16_cuda() got scale 0.2 and sm_scale 0.1, which mean the same"),
    (lambda: fakes(k=(4, 5, 64)), {}, ValueError,
     "k has 3 dimensions, 4 are needed: batch, heads and tokens in the order of tensor_layout, head_dim"),
    (lambda: fakes(k=(2, 4, 5, 64)), {}, ValueError, "k has batch size 2 and q 1, they must be equal"),
    (lambda: fakes(v=(1, 4, 5, 32)), {}, ValueError, "v has head_dim 32 and q 64, they must be equal"),
    (lambda: fakes(v=(1, 2, 5, 64)), {}, ValueError, "v has 2 heads and k 4, they must be equal"),
    (lambda: fakes(v=(1, 4, 6, 64)), {}, ValueError, "v has 6 tokens and k 5, they must be equal"),
    (lambda: fakes(k=(1, 3, 5, 64), v=(1, 3, 5, 64)), {}, ValueError,
     "q has 4 heads and k 3, the former must be a multiple of the latter"),
    (lambda: fakes(k=(1, 5, 3, 64), v=(1, 5, 3, 64), q=(1, 5, 4, 64)), dict(tensor_layout="NHD"), ValueError,
     "q has 4 heads and k 3, the former must be a multiple of the latter"),
    (lambda: fakes(*[(1, 4, 5, 160)] * 3), {}, ValueError,
     "q has head_dim 160, 1 to 128 are supported: use torch's own scaled_dot_product_attention for other ones"),
    (fakes, lambda: dict(attn_mask=make((1, 1, 5, 6), "cuda")), ValueError,
     "attn_mask has shape [1, 1, 5, 6], which cannot be broadcast to [1, 4, 5, 5]: batch, heads, tokens of q, tokens of k"),
    (fakes, lambda: dict(attn_mask=make((5, 5), "cuda", torch.float64)), TypeError,
     "attn_mask is torch.float64, torch.bool, torch.float16, torch.bfloat16 or torch.float32 is needed"),
])
def test_errors_of_arguments(tensors, options, error, text):
    with FakeTensorMode(allow_non_fake_inputs=True), pytest.raises(error) as raised:
        sageattention.sageattn_qk_int8_pv_fp16_cuda(*tensors(), **(options() if callable(options) else options))
    assert str(raised.value) == text


@pytest.mark.parametrize("options, error, text", [
    (dict(quantization_backend="numpy"), ValueError, "quantization_backend is 'numpy', it must be 'triton' or 'cuda'"),
])
def test_errors_of_the_triton_function(options, error, text):
    with FakeTensorMode(), pytest.raises(error) as raised:
        sageattention.sageattn_qk_int8_pv_fp16_triton(*fakes(), **options)
    assert str(raised.value) == text


PACKED = (9, 4, 64)


@pytest.mark.parametrize("change, error, text", [
    (dict(attn_mask=None, smooth_v=True), TypeError,
     "sageattn_varlen() does not support these keyword arguments: attn_mask, smooth_v"),
    (dict(q=Q), ValueError, "q has 4 dimensions, 3 are needed: the tokens of all sequences, heads, head_dim"),
    (dict(v=(8, 4, 64)), ValueError, "v has 8 tokens and k 9, they must be equal"),
    (dict(cu_seqlens_q=(4,)), ValueError, "cu_seqlens_q has 4 elements and cu_seqlens_k 3, they must be equal"),
    (dict(cu_seqlens_q=(2, 2)), ValueError,
     "cu_seqlens_q has shape [2, 2], one dimension of the number of sequences + 1 is needed"),
])
def test_errors_of_packed_sequences(change, error, text):
    with FakeTensorMode(), pytest.raises(error) as raised:
        shapes = {name: change.pop(name, PACKED) for name in ("q", "k", "v")} if change else {}
        offsets = {name: make(change.pop(name, (3,)), "cuda", torch.int32) for name in ("cu_seqlens_q", "cu_seqlens_k")}
        sageattention.sageattn_varlen(*fakes(**shapes), **offsets, max_seqlen_q=5, max_seqlen_k=5, **change)
    assert str(raised.value) == text


@pytest.mark.parametrize("dtype", [torch.int32, torch.int64])
def test_packed_sequences_give_shapes(dtype):
    with FakeTensorMode():
        q, k = make(PACKED, "cuda"), make((20, 2, 64), "cuda")
        offsets = make((3,), "cuda", dtype)
        out = sageattention.sageattn_varlen(q, k, k, offsets, offsets, 7, 9, is_causal=True, sm_scale=0.5, dropout_p=0.0)
    assert tuple(out.shape) == PACKED and out.dtype == torch.float16 and out.is_contiguous()


@pytest.mark.parametrize("tensors, error, text", [
    (lambda: (1, make(Q), make(Q)), TypeError, "q is a int, a torch.Tensor is needed"),
    (lambda: (None, make(Q), make(Q)), TypeError, "q is a NoneType, a torch.Tensor is needed"),
    (lambda: (make(Q), make(Q), make(Q)), ValueError, f"q is on cpu, sageattention computes on CUDA devices ({NO_DRIVER})"),
])
@pytest.mark.skipif("SAGE_FAKE_GPUS" in os.environ, reason="the texts are those of a machine without a driver")
def test_errors_without_a_gpu(tensors, error, text):
    with pytest.raises(error) as raised:
        sageattention.sageattn(*tensors())
    assert str(raised.value) == text
    if error is ValueError:
        q = make(PACKED)
        with pytest.raises(error) as raised:
            sageattention.sageattn_varlen(q, q, q, make((2,), dtype=torch.int32), make((2,), dtype=torch.int32), 9, 9)
        assert str(raised.value) == text
        assert sageattention.explain(*tensors()) == (None, text, None)


def test_explanations_of_what_would_raise():
    q = make(Q)
    explain = sageattention.explain
    assert explain(q, q, q, "BHSD").why == "tensor_layout is 'BHSD', it must be 'NHD' or 'HND'"
    assert explain(q, q, q, window=1).why == "sageattn() does not support these keyword arguments: window"
    with pytest.raises(ValueError, match="function is 'sage', it must be 'sageattn' or "):
        explain(q, q, q, function="sage")


def test_compiling_shows_the_error_of_the_call():
    with pytest.raises(Exception, match="k has head_dim 32 and q 64, they must be equal"):
        torch.compile(sageattention.sageattn, fullgraph=True, backend="eager")(make(Q), make((1, 4, 5, 32)), make(Q))


@pytest.mark.skipif("SAGE_FAKE_GPUS" in os.environ, reason="what the tools say without a GPU")
@pytest.mark.parametrize("module", ["selftest", "bench"])
def test_the_tools_end_in_a_sentence_without_a_gpu(module, monkeypatch):
    monkeypatch.setattr(sys, "argv", [module])
    with pytest.raises(SystemExit) as ended:  # the text goes to stderr, with exit status 1
        importlib.import_module(f"sageattention.{module}").main()
    assert ended.value.code == f"error: sageattention.{module} needs a CUDA GPU: {NO_DRIVER}"


@pytest.mark.parametrize("text, shape", [("2,24,100,64", (2, 24, 100, 100, 64)), ("2,24,100,77,64", (2, 24, 100, 77, 64))])
def test_shapes_of_the_benchmark(text, shape):
    assert bench.read_shape(text) == shape


@pytest.mark.parametrize("text", ["2,24,100", "2,24,0,64"])
def test_wrong_shapes_of_the_benchmark(text):
    with pytest.raises(argparse.ArgumentTypeError) as raised:
        bench.read_shape(text)
    assert str(raised.value) == f"{text!r} is not batch,heads,tokens[,tokens of k],head_dim"
