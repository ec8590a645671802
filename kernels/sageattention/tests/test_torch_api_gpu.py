"""The public functions on a GPU: every name, masks, packed sequences, extreme values, explanations, the tools."""

import math
import os
import subprocess
import sys

import pytest
import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from references import exact_attention, make_inputs, relative_error  # noqa: E402

import sageattention  # noqa: E402
from sageattention import sageattn, sageattn_varlen  # noqa: E402

pytestmark = pytest.mark.skipif("SAGE_FAKE_GPUS" in os.environ or not torch.cuda.is_available(), reason="no CUDA GPU")

FP16_BOUND, FP8_BOUND = 0.016, 0.045  # relative L2 to exact attention in float64, at logits of about unit variance
FUNCTIONS = {"sageattn": FP8_BOUND, "sageattn_qk_int8_pv_fp16_triton": FP16_BOUND, "sageattn_qk_int8_pv_fp16_cuda": FP16_BOUND,
             "sageattn_qk_int8_pv_fp8_cuda": FP8_BOUND, "sageattn_qk_int8_pv_fp8_cuda_sm90": FP8_BOUND}


def inputs(heads=(4, 2), sq=200, sk=300, d=128, dtype=torch.bfloat16, seed=1):
    return make_inputs(seed, 2, heads[0], heads[1], sq, sk, d, dtype, "cuda:0")


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("d", [64, 96, 128])
@pytest.mark.parametrize("causal", [False, True])
def test_every_function(name, d, causal):
    q, k, v = inputs(d=d)
    out, lse = getattr(sageattention, name)(q, k, v, is_causal=causal, return_lse=True)
    exact, exact_lse = exact_attention(q, k, v, d ** -0.5, causal)
    assert relative_error(out, exact) <= FUNCTIONS[name]
    assert (lse.double() - exact_lse).square().mean().sqrt() <= 0.03


@pytest.mark.parametrize("options", [dict(pv_accum_dtype="fp32"), dict(pv_accum_dtype="fp32+fp32"), dict(pv_accum_dtype="fp32+fp16"),
                                     dict(qk_quant_gran="per_warp"), dict(smooth_k=False), dict(smooth_v=True)])
def test_options_of_fp8(options):
    q, k, v = inputs()
    v = v + 3 if options.get("smooth_v") else v
    out = sageattention.sageattn_qk_int8_pv_fp8_cuda(q, k, v, **options)
    assert relative_error(out, exact_attention(q, k, v, 128 ** -0.5, False)[0]) <= FP8_BOUND


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("shape", [(300,), (200, 300), (1, 1, 300), (2, 1, 1, 300), (1, 4, 200, 300), (2, 4, 200, 1)])
def test_masks(name, shape):
    q, k, v = inputs()
    mask = torch.rand(shape, device="cuda", generator=torch.Generator("cuda").manual_seed(1)) < 0.6
    mask[..., 0] = True
    for given in (mask, torch.randn(shape, device="cuda").masked_fill(~mask, -math.inf).bfloat16()):
        exact, _ = exact_attention(q, k, v, 128 ** -0.5, False, given.expand(2, 4, 200, 300))
        assert relative_error(getattr(sageattention, name)(q, k, v, attn_mask=given), exact) <= FP8_BOUND
        swapped = [x.transpose(1, 2) for x in (q, k, v)]
        out = getattr(sageattention, name)(*swapped, tensor_layout="NHD", attn_mask=given)
        assert relative_error(out.transpose(1, 2), exact) <= FP8_BOUND


@pytest.mark.parametrize("dtype", [torch.int32, torch.int64])
@pytest.mark.parametrize("causal", [False, True])
def test_packed_sequences(dtype, causal):
    lengths = [5, 130, 0, 165]
    q, k, v = inputs((4, 4), 300, 300)
    packed = [x[0].transpose(0, 1) for x in (q, k, v)]
    offsets = torch.tensor([0, *lengths], dtype=dtype, device="cuda").cumsum(0, dtype=dtype)
    out = sageattn_varlen(*packed, offsets, offsets, 165, 165, is_causal=causal)
    parts = zip(offsets.tolist(), offsets.tolist()[1:])
    exact = torch.cat([exact_attention(*(x[:1, :, i:j] for x in (q, k, v)), 128 ** -0.5, causal)[0] for i, j in parts], 2)
    assert out.is_contiguous() and relative_error(out.transpose(0, 1), exact[0]) <= FP8_BOUND


def test_packed_sequences_compile_and_capture():
    q, k, v = (x[0].transpose(0, 1) for x in inputs((4, 4), 300, 300))
    offsets = torch.tensor([0, 100, 300], dtype=torch.int32, device="cuda")
    call = lambda: sageattn_varlen(q, k, v, offsets, offsets, 200, 200)  # noqa: E731
    expected = call()
    torch._dynamo.reset()
    assert torch.equal(torch.compile(call, fullgraph=True, backend="aot_eager")(), expected)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        out = call()
    offsets.copy_(torch.tensor([0, 200, 300]))  # the kernels read the lengths anew
    graph.replay()
    assert torch.equal(out, call()) and not torch.equal(out, expected)


def test_masks_compile_and_capture():
    q, k, v = inputs()
    mask = torch.rand(200, 300, device="cuda") < 0.5
    call = lambda: sageattn(q, k, v, attn_mask=mask)  # noqa: E731
    expected = call()
    torch._dynamo.reset()
    assert torch.equal(torch.compile(call, fullgraph=True, backend="aot_eager")(), expected)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        out = call()
    mask.logical_not_()
    graph.replay()
    assert torch.equal(out, call())


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype, value", [(torch.float16, 6e4), (torch.float16, -65504.0), (torch.bfloat16, 1e5), (torch.bfloat16, 3.3e38)])
def test_no_black_images_from_constant_values(name, dtype, value):
    q, k, v = inputs(dtype=dtype)
    v.fill_(value)
    out = getattr(sageattention, name)(q, k, v)
    assert bool(out.isfinite().all()) and relative_error(out, v[:, :1, :1].expand_as(out)) <= FP8_BOUND
    assert bool((out.double().abs() <= v.double().abs().max()).all())


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype, scale", [(torch.float16, 1e4), (torch.bfloat16, 1e4), (torch.bfloat16, 1e30)])
def test_no_black_images_from_one_channel(name, dtype, scale):
    q, k, v = inputs(dtype=dtype)
    v[..., 5] = (v[..., 5].double() * scale).clamp(-6e4, 6e4).to(dtype) if dtype == torch.float16 else v[..., 5] * scale
    exact, _ = exact_attention(q, k, v, 128 ** -0.5, False)
    out = getattr(sageattention, name)(q, k, v)
    for channel in (slice(5, 6), slice(0, 5)):
        assert relative_error(out[..., channel], exact[..., channel]) <= 0.08  # a channel of its own has less to average


@pytest.mark.parametrize("sq, sk", [(1, 1), (300, 1), (1, 5000), (3, 70)])
def test_few_queries_and_keys(sq, sk):
    q, k, v = inputs(sq=sq, sk=sk)
    for name, bound in FUNCTIONS.items():
        assert relative_error(getattr(sageattention, name)(q, k, v), exact_attention(q, k, v, 128 ** -0.5, False)[0]) <= bound


def test_explanations():
    q, k, v = inputs()
    found = sageattention.explain(q, k, v)
    assert found.route in ("sm70_attention", "sm80_attention", "sm90_attention", "sm90_direct") and torch.cuda.get_device_name() in found.gpu
    assert sageattention.explain(q, k, v, function="sageattn_qk_int8_pv_fp16_cuda").route != "sm90_attention"
    assert sageattention.explain(q, k, v, attn_mask=torch.ones(1, 300, device="cuda")).route != "sm90_attention"
    assert sageattention.explain(q.float(), k, v).why == "q is torch.float32, torch.float16 or torch.bfloat16 is needed"


def test_the_environment_forces_a_route():
    code = ("import torch, sageattention\nq = torch.randn(1, 2, 50, 64, device='cuda', dtype=torch.float16)\n"
            "print(sageattention.explain(q, q, q)); print(sageattention.sageattn(q, q, q).isfinite().all().item())")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "SAGEATTENTION_ROUTE": "sm80"})
    why, finite = done.stdout.splitlines()
    assert why.startswith("sm80_attention: the environment variable SAGEATTENTION_ROUTE asks for it") and finite == "True", done.stderr


@pytest.mark.parametrize("command", [["selftest"], ["bench", "--shape", "1,4,300,64", "--shape", "1,4,300,77,128", "--repeats", "3"]])
def test_the_tools(command):
    done = subprocess.run([sys.executable, "-m", f"sageattention.{command[0]}", *command[1:]], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
