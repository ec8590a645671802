#!/usr/bin/env python3
"""Numeric tests of the attention kernels on a GPU, through the C ABI; they need torch and nothing else.

    SAGEATTENTION_LIBRARY=.../lib.so python3 gpu_numerics.py [--results FILE] [--only NAME] [--quick]

Without the variable the library of the installed package is tested. Exit status: 0 passed, 1 failed, 77 skipped (no GPU; the reason is
printed). Bounds, relative L2: 1e-3 (fp16 out) and 3e-3 (bf16 out) to a float64 model of the same quantised operands, 0.016 to exact
float64 attention.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import abi

try:
    import torch
except ImportError as problem:
    print(f"skipped: torch cannot be imported ({problem})")
    sys.exit(77)

from machine import describe_machine, driver_version
from references import Operands, exact_attention, make_inputs, quantised_attention, relative_error

MODEL_BOUND = {torch.float16: 1e-3, torch.bfloat16: 3e-3}
EXACT_BOUND = 0.016
LSE_MODEL_BOUND = 1e-3  # absolute
LSE_EXACT_BOUND = 0.02  # root mean square, absolute
UNITS = {"sm80": abi.SM80, "sm70": abi.SM70}
DEVICE = "cuda:0"
GUARD = 4096


class Failure(AssertionError):
    pass


def require(condition, text):
    if not condition:
        raise Failure(text)


def serves(library, unit):
    """Whether the library has an image of this unit for the GPU; prints why not."""
    one = torch.zeros(1, 1, 1, 64, dtype=torch.float16, device=DEVICE)
    try:
        attend(library, one, one, one, route=UNITS[unit])
    except abi.SageError as error:
        if error.status != 2:
            raise
        print(f"skipped: unit {unit}: {error}")
        return False
    return True


class Result:
    def __init__(self, out, lse, operands, workspace):
        self.out, self.lse, self.operands, self.workspace = out, lse, operands, workspace


def like(tensor, layout):
    """An empty tensor of the same shape, HND or NHD in memory."""
    if layout == "NHD":
        batch, heads, tokens, d = tensor.shape
        return torch.empty(batch, tokens, heads, d, dtype=tensor.dtype, device=tensor.device).transpose(1, 2)
    return torch.empty_like(tensor, memory_format=torch.contiguous_format)


def attend(library, q, k, v, *, out=None, want_lse=False, stream=None, only_prepare=False, **options):
    """One call with everything poisoned beforehand: output and LSE NaN, workspace 0xff (NaN in fp16 and fp32)."""
    if out is None:
        out = torch.empty_like(q, memory_format=torch.contiguous_format)
    out.fill_(math.nan)
    lse = torch.full(q.shape[:3], math.nan, dtype=torch.float32, device=q.device) if want_lse else None
    if stream is None:
        stream = torch.cuda.current_stream(q.device)
    request = abi.make_request(q, k, v, out, lse, stream=stream.cuda_stream, **options)
    layout = library.workspace(request)
    workspace = torch.full((layout.size + GUARD,), 0xff, dtype=torch.uint8, device=q.device)
    require(workspace.data_ptr() % 256 == 0, "torch gave an unaligned workspace")
    request.workspace = workspace.data_ptr()
    request.workspace_size = layout.size
    library.prepare(request) if only_prepare else library.run(request)
    require(bool((workspace[layout.size:] == 0xff).all()), "a kernel wrote beyond the workspace")
    operands = Operands(library, request, layout, workspace) if layout.size > 0 and k.shape[2] > 0 else None
    return Result(out, lse, operands, workspace)


def check_accuracy(library, q, k, v, record, name, *, causal=False, smooth_k=True, sm_scale=None, exact=True, **options):
    sm_scale = q.shape[-1] ** -0.5 if sm_scale is None else sm_scale
    result = attend(library, q, k, v, causal=causal, smooth_k=smooth_k, sm_scale=sm_scale, want_lse=True, **options)
    model, model_lse = quantised_attention(result.operands, causal, smooth_k)
    entry = {
        "case": name,
        "model": relative_error(result.out, model),
        "lse_model": (result.lse.double() - model_lse).abs().max().item(),
    }
    record.append(entry)
    require(entry["model"] <= MODEL_BOUND[q.dtype], f"{name}: {entry['model']:.2e} to the float64 model")
    # fp32 holds an LSE of hundreds (K bias 20) to some 1e-5
    require(entry["lse_model"] <= LSE_MODEL_BOUND + 1e-6 * model_lse.abs().max().item(), f"{name}: LSE {entry['lse_model']:.2e} to the model")
    if exact:
        true, true_lse = exact_attention(q, k, v, sm_scale, causal)
        entry["exact"] = relative_error(result.out, true)
        entry["lse_exact"] = (result.lse.double() - true_lse).square().mean().sqrt().item()
        require(entry["exact"] <= EXACT_BOUND, f"{name}: {entry['exact']:.2e} to exact float64")
        require(entry["lse_exact"] <= LSE_EXACT_BOUND, f"{name}: LSE {entry['lse_exact']:.2e} to exact float64")
    return result, entry


def test_accuracy(library, record, unit, quick):
    """Sizes, head dims, dtypes, masks, K bias; granularity and memory layout alternate."""
    index = 0
    for sq, sk in [(1, 1), (17, 17), (113, 203), (1023, 1024)]:
        for d in [64, 128] if quick else [64, 128, 40, 80, 96]:
            for dtype in [torch.float16, torch.bfloat16]:
                for causal in [False, True]:
                    for bias in [0.0, 5.0, 20.0]:
                        index += 1
                        q, k, v = make_inputs(index, 2, 4, 2, sq, sk, d, dtype, DEVICE, bias)
                        layout = "NHD" if index % 2 else "HND"
                        q, k, v = (like(x, layout).copy_(x) for x in (q, k, v))
                        granularity = abi.PER_WARP if index % 5 == 0 else abi.PER_THREAD
                        name = (f"{sq}x{sk} d{d} {str(dtype)[6:]} {'causal' if causal else 'full'} bias {bias:g} {layout} "
                                f"{'per warp' if granularity == abi.PER_WARP else 'per thread'}")
                        check_accuracy(library, q, k, v, record, name, causal=causal, granularity=granularity, route=UNITS[unit],
                                       out=like(q, layout))


def test_operands(library, record, unit, quick):
    """The preparation against its definition: codes within half a step, exact V, mean of K, zeros in the padding."""
    for d in [64, 128, 40]:
        for dtype in [torch.float16, torch.bfloat16]:
            for granularity in [abi.PER_WARP, abi.PER_THREAD]:
                q, k, v = make_inputs(d + granularity, 2, 4, 2, 113, 203, d, dtype, DEVICE, 5.0)
                sm_scale = -0.3
                options = dict(granularity=granularity, sm_scale=sm_scale, route=UNITS[unit], want_lse=True)
                whole = attend(library, q, k, v, **options)
                part = attend(library, q, k, v, only_prepare=True, **options)
                require(torch.equal(whole.workspace, part.workspace), f"d{d}: the preparation alone writes something else")
                require(bool(part.out.isnan().all()), f"d{d}: the preparation alone writes the output")
                o = whole.operands
                q_step = (o.q() - q.double() * sm_scale / math.log(2.0)).abs() / o.q_scale.unsqueeze(-1)
                require(q_step.max().item() <= 0.5001, f"d{d}: q is {q_step.max().item():.4f} steps off")
                mean = o.k_mean[:, :, None, :d].double()
                require((mean - k.double().mean(dim=2, keepdim=True)).abs().max().item() < 1e-5, f"d{d}: mean of k")
                k_step = (o.k() - (k.double() - mean)).abs() / o.k_scale.unsqueeze(-1)
                require(k_step.max().item() <= 0.501, f"d{d}: k is {k_step.max().item():.4f} steps off")
                require(torch.equal(o.v(), v.double()), f"d{d}: v is not exact")
                for scale in (o.q_scale, o.k_scale):
                    require(bool((scale > 0).all()), f"d{d}: a scale is not positive")
                for codes, tokens in ((o.q_codes, 113), (o.k_codes, 203), (o.v_half, 203)):
                    require(not codes[:, :, tokens:].any() and not codes[..., d:].any(), f"d{d}: padding is not zero")


def test_smoothing_matters(library, record, unit, quick):
    for d in [64, 128]:
        q, k, v = make_inputs(7, 2, 4, 4, 512, 512, d, torch.float16, DEVICE, 5.0)
        exact, _ = exact_attention(q, k, v, d ** -0.5, False)
        smooth = relative_error(attend(library, q, k, v, route=UNITS[unit]).out, exact)
        rough = relative_error(attend(library, q, k, v, route=UNITS[unit], smooth_k=False).out, exact)
        record.append({"case": f"d{d} K bias 5", "smoothed": smooth, "not_smoothed": rough})
        require(rough >= 2 * smooth, f"d{d}: without smoothing {rough:.2e}, with it {smooth:.2e}")
        # ... and the arithmetic after quantisation stays as exact
        check_accuracy(library, q, k, v, record, f"d{d} K bias 5 not smoothed", smooth_k=False, exact=False, route=UNITS[unit])


def test_heads(library, record, unit, quick):
    for heads_q, heads_k in [(6, 1), (6, 2), (6, 3), (1, 1)]:
        q, k, v = make_inputs(heads_k, 2, heads_q, heads_k, 200, 130, 64, torch.float16, DEVICE, 1.0)
        check_accuracy(library, q, k, v, record, f"{heads_q} heads on {heads_k}", route=UNITS[unit])


def test_causal_lengths(library, record, unit, quick):
    """Top-left mask with unequal lengths: rows beyond the last key see all keys."""
    for sq, sk in [(300, 70), (70, 300), (129, 1), (1, 129), (128, 64), (64, 128)]:
        for d in [64, 128]:
            q, k, v = make_inputs(sq, 1, 2, 2, sq, sk, d, torch.float16, DEVICE)
            check_accuracy(library, q, k, v, record, f"causal {sq}x{sk} d{d}", causal=True, route=UNITS[unit])


def test_scales(library, record, unit, quick):
    q, k, v = make_inputs(3, 1, 2, 2, 150, 170, 64, torch.float16, DEVICE)
    check_accuracy(library, q, k, v, record, "sm_scale -0.125", sm_scale=-0.125, route=UNITS[unit])
    check_accuracy(library, q, k, v, record, "sm_scale 0.01", sm_scale=0.01, route=UNITS[unit])
    check_accuracy(library, q, k, v, record, "sm_scale -0.125 causal", sm_scale=-0.125, causal=True, route=UNITS[unit])
    zero = attend(library, q, k, v, sm_scale=0.0, want_lse=True, route=UNITS[unit])
    mean = v.double().mean(dim=2, keepdim=True).expand_as(q)
    require(relative_error(zero.out, mean) <= 1e-3, "sm_scale 0 is not the mean of v")
    require((zero.lse - math.log(170)).abs().max().item() < 1e-3, "sm_scale 0: LSE is not log(sk)")


def test_zeros(library, record, unit, quick):
    """Nothing to scale by: all-zero q and k give uniform weights."""
    q, k, v = make_inputs(4, 1, 2, 2, 70, 90, 128, torch.bfloat16, DEVICE)
    out = attend(library, torch.zeros_like(q), torch.zeros_like(k), v, route=UNITS[unit]).out
    require(relative_error(out, v.double().mean(dim=2, keepdim=True).expand_as(q)) <= 3e-3, "zeros: not the mean of v")
    out = attend(library, q, k, torch.zeros_like(v), route=UNITS[unit]).out
    require(bool((out == 0).all()), "v = 0: the output is not 0")


def test_large_values(library, record, unit, quick):
    for dtype, values in [(torch.float16, [6e4, 65504.0]), (torch.bfloat16, [1e5, -1e38, 3.3895e38, 1e-38, 1e-40])]:
        for value in values:
            q, k, _ = make_inputs(5, 1, 2, 2, 100, 300, 128, dtype, DEVICE)
            v = torch.full_like(k, value)
            out = attend(library, q, k, v, route=UNITS[unit]).out
            require(relative_error(out, v[:, :, :100]) <= (1e-3 if dtype == torch.float16 else 3e-3),
                    f"constant v of {value:g}: {out.flatten()[:2].tolist()}")
    for scale in [1e30, 1e-30, 1e5]:  # per channel, beyond fp16
        q, k, v = make_inputs(6, 1, 2, 2, 100, 300, 64, torch.bfloat16, DEVICE)
        v = (v.float() * scale * torch.logspace(-3, 3, 64, device=DEVICE)).to(torch.bfloat16)
        check_accuracy(library, q, k, v, record, f"bf16 v around {scale:g}", route=UNITS[unit])
    for scale in [100.0, 3e4, 1e15, 1e30]:  # logits from thousands to beyond fp32: finite, and no weight lost
        dtype = torch.float16 if scale <= 3e4 else torch.bfloat16
        q, k, v = make_inputs(8, 1, 2, 2, 100, 300, 128, torch.float32, DEVICE)
        if dtype == torch.float16:
            scale = min(scale, 1e4)
        q, k, v = (q * scale).to(dtype), (k * scale).to(dtype), v.to(dtype)
        for causal in [False, True]:
            result = attend(library, q, k, v, want_lse=True, causal=causal, route=UNITS[unit])
            require(bool(result.out.isfinite().all()), f"inputs of {scale:g} give a non-finite output")
            require(bool((result.out.abs() <= v.abs().max()).all()), f"inputs of {scale:g} give an output beyond v")
    for scale in [1e-6, 1e-20, 1e-37]:  # tiny logits: uniform weights, no NaN
        q, k, v = make_inputs(9, 1, 2, 2, 100, 300, 128, torch.float32, DEVICE)
        q, k, v = (q * scale).bfloat16(), (k * scale).bfloat16(), v.bfloat16()
        check_accuracy(library, q, k, v, record, f"q and k around {scale:g}", route=UNITS[unit])


def test_nan(library, record, unit, quick):
    """NaN in k reaches its head and no other; in q the rows that share a scale; in v the channel."""
    q, k, v = make_inputs(10, 1, 2, 2, 100, 100, 64, torch.float16, DEVICE)
    bad = k.clone()
    bad[0, 0, 50, 3] = math.nan
    out = attend(library, q, bad, v, route=UNITS[unit]).out
    require(bool(out[0, 0].isnan().all()) and bool(out[0, 1].isfinite().all()), "NaN in k")
    bad = q.clone()
    bad[0, 1, 37, 3] = math.nan
    out = attend(library, bad, k, v, route=UNITS[unit]).out
    rows = out[0, 1].isnan().any(dim=-1).nonzero().flatten().tolist()
    require(rows == [37, 45, 53, 61] and bool(out[0, 0].isfinite().all()), f"NaN in q reaches rows {rows}")
    bad = v.clone()
    bad[0, 0, 20, 5] = math.nan
    out = attend(library, q, k, bad, route=UNITS[unit]).out
    require(bool(out[0, 0, :, 5].isnan().all()) and out.isnan().sum().item() == 100, "NaN in v")


def test_empty(library, record, unit, quick):
    q, k, v = make_inputs(11, 2, 2, 2, 5, 7, 64, torch.float16, DEVICE)
    for causal in [False, True]:
        none = attend(library, q, k[:, :, :0], v[:, :, :0], want_lse=True, causal=causal, route=UNITS[unit])
        require(bool((none.out == 0).all()) and bool((none.lse == -math.inf).all()), "no keys: output 0 and LSE -inf are promised")
    require(attend(library, q[:, :, :0], k, v, want_lse=True, route=UNITS[unit]).out.numel() == 0, "no query rows")
    require(attend(library, q[:0], k[:0], v[:0], route=UNITS[unit]).out.numel() == 0, "no batch")


def test_strides(library, record, unit, quick):
    """Views with gaps, odd offsets (no 16-byte alignment) and interleaved q, k, v; nothing around the output is touched."""
    for d in [64, 80, 33]:
        for dtype in [torch.float16, torch.bfloat16]:
            packed = torch.randn(2, 150, 3, 4, d, generator=torch.Generator(device="cpu").manual_seed(d)).to(dtype).to(DEVICE)
            q, k, v = (packed[:, :, i].transpose(1, 2) for i in range(3))
            room = torch.full((2, 4, 155, d + 7), 5.0, dtype=dtype, device=DEVICE)
            out = room[:, :, 2:152, 3:3 + d]
            check_accuracy(library, q, k, v, record, f"interleaved d{d} {str(dtype)[6:]}", out=out, route=UNITS[unit])
            out.fill_(5.0)
            require(bool((room == 5.0).all()), f"d{d}: a kernel wrote beside the output")
            wide = torch.randn(2, 4, 150, d + 1, generator=torch.Generator(device="cpu").manual_seed(d)).to(dtype).to(DEVICE)
            q, k, v = wide[..., 1:], wide[:, :, ::2, :d], wide[:, :, 1::2, :d]
            check_accuracy(library, q, k, v, record, f"odd offsets d{d} {str(dtype)[6:]}", route=UNITS[unit])
    # expanded heads: stride 0
    q, k, v = make_inputs(12, 1, 4, 1, 60, 60, 64, torch.float16, DEVICE)
    check_accuracy(library, q, k.expand(1, 4, 60, 64), v.expand(1, 4, 60, 64), record, "expanded heads", route=UNITS[unit])


def test_many_heads(library, record, unit, quick):
    q, k, v = make_inputs(13, 1100, 60, 60, 3, 5, 64, torch.float16, DEVICE)
    check_accuracy(library, q, k, v, record, "66000 heads", route=UNITS[unit])


def free_bytes():
    torch.cuda.empty_cache()
    return torch.cuda.mem_get_info()[0]


def test_far_offsets(library, record, unit, quick):
    """Elements beyond 2^31 of the inputs, the output and the workspace."""
    if free_bytes() < 60 << 30:
        print(f"skipped: offsets beyond 2^31 need 60 GiB of GPU memory, {free_bytes() >> 30} are free")
        return
    stride = 1 << 22
    q, k, v = make_inputs(14, 1, 1, 1, 600, 600, 64, torch.float16, DEVICE)
    far = torch.empty(600 * stride, dtype=torch.float16, device=DEVICE)

    def view(offset):
        return far.as_strided((1, 1, 600, 64), (600 * stride, 600 * stride, stride, 1), offset)

    out = view(192)
    views = [view(64 * i).copy_(x) for i, x in enumerate((q, k, v))]
    result = attend(library, *views, out=out, route=UNITS[unit])
    near = attend(library, q, k, v, route=UNITS[unit])
    require(torch.equal(result.out, near.out), "token stride 2^22: differs from the contiguous call")
    del far, out, views, result
    heads, keys = 65, 1 << 18
    k = torch.randn(1, heads, keys, 128, dtype=torch.float16, device=DEVICE)
    v = torch.randn(1, heads, keys, 128, dtype=torch.float16, device=DEVICE)
    q = torch.randn(1, heads, 40, 128, dtype=torch.float16, device=DEVICE)
    result = attend(library, q, k, v, route=UNITS[unit])
    exact, _ = exact_attention(q[:, -1:], k[:, -1:], v[:, -1:], 128 ** -0.5, False)
    error = relative_error(result.out[:, -1:], exact)
    record.append({"case": "head 64 of 65 with 262144 keys", "exact": error})
    require(error <= EXACT_BOUND, f"2^31 elements in the workspace: {error:.2e}")


def test_repeats(library, record, unit, quick):
    for d in [64, 128]:
        q, k, v = make_inputs(15, 2, 8, 4, 1023, 1024, d, torch.bfloat16, DEVICE, 5.0)
        first = attend(library, q, k, v, want_lse=True, causal=True, route=UNITS[unit])
        for _ in range(20):
            again = attend(library, q, k, v, want_lse=True, causal=True, route=UNITS[unit])
            require(torch.equal(first.out, again.out) and torch.equal(first.lse, again.lse), f"d{d}: repeats differ")


def captured_call(library, unit):
    """Capture before the library has launched anything, then replay on other inputs."""
    q, k, v = make_inputs(16, 1, 4, 2, 200, 300, 128, torch.float16, DEVICE)
    out = torch.empty_like(q)
    request = abi.make_request(q, k, v, out, route=UNITS[unit])
    workspace = torch.empty(library.workspace(request).size, dtype=torch.uint8, device=DEVICE)
    request.workspace, request.workspace_size = workspace.data_ptr(), workspace.numel()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        request.stream = torch.cuda.current_stream().cuda_stream
        library.run(request)
    for seed in [17, 18]:
        for x, fresh in zip((q, k, v), make_inputs(seed, 1, 4, 2, 200, 300, 128, torch.float16, DEVICE)):
            x.copy_(fresh)
        out.fill_(math.nan)
        workspace.fill_(0xff)
        graph.replay()
        torch.cuda.synchronize()
        replayed = out.clone()
        require(torch.equal(replayed, attend(library, q, k, v, route=UNITS[unit]).out), "a replayed graph differs from a direct call")


def test_graphs(library, record, unit, quick):
    captured_call(library, unit)
    child = subprocess.run([sys.executable, os.path.abspath(__file__), "--first-call-in-capture", unit],
                           env=dict(os.environ, SAGEATTENTION_LIBRARY=library.path), capture_output=True, text=True)
    require(child.returncode == 0, f"first call inside a capture: {child.stdout[-500:]}{child.stderr[-500:]}")


def test_streams(library, record, unit, quick):
    """The inputs arrive late on a side stream: only a launch on that stream, after them, can be right."""
    q, k, v = make_inputs(19, 1, 4, 4, 256, 256, 64, torch.float16, DEVICE)
    expected = attend(library, q, k, v, route=UNITS[unit]).out
    late = [torch.zeros_like(x) for x in (q, k, v)]
    out = torch.zeros_like(q)
    request = abi.make_request(*late, out, route=UNITS[unit])
    workspace = torch.empty(library.workspace(request).size, dtype=torch.uint8, device=DEVICE)
    request.workspace, request.workspace_size = workspace.data_ptr(), workspace.numel()
    side = torch.cuda.Stream()
    torch.cuda.synchronize()
    with torch.cuda.stream(side):
        torch.cuda._sleep(50_000_000)
        for x, fresh in zip(late, (q, k, v)):
            x.copy_(fresh)
        request.stream = side.cuda_stream
        library.run(request)
    side.synchronize()
    require(torch.equal(out, expected), "a call on a side stream differs")


def test_threads(library, record, unit, quick):
    import threading
    q, k, v = make_inputs(20, 1, 4, 4, 256, 256, 128, torch.float16, DEVICE)
    expected = attend(library, q, k, v, route=UNITS[unit]).out
    problems = []

    def work():
        try:
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.default_stream())
            with torch.cuda.stream(stream):
                for _ in range(10):
                    require(torch.equal(attend(library, q, k, v, route=UNITS[unit], stream=stream).out, expected), "differs")
        except Exception as problem:  # noqa: BLE001: a thread hands its failure over
            problems.append(problem)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    require(not problems, f"eight threads: {problems[:1]}")


def test_devices(library, record, unit, quick):
    if torch.cuda.device_count() < 2:
        print("skipped: several devices need two GPUs, there is one")
        return
    q, k, v = make_inputs(21, 1, 4, 4, 256, 256, 128, torch.float16, DEVICE)
    expected = attend(library, q, k, v, route=UNITS[unit]).out
    other = [x.to("cuda:1") for x in (q, k, v)]  # the current device stays 0
    result = attend(library, *other, route=UNITS[unit]).out
    torch.cuda.synchronize(1)
    require(torch.equal(result.to(DEVICE), expected), "device 1 differs from device 0")


TESTS = [test_accuracy, test_operands, test_smoothing_matters, test_heads, test_causal_lengths, test_scales, test_zeros, test_large_values,
         test_nan, test_empty, test_strides, test_many_heads, test_far_offsets, test_repeats, test_graphs, test_streams, test_threads,
         test_devices]


def worst_of(record):
    """The largest of each error in the record."""
    return {key: max(e[key] for e in record if key in e) for key in ("model", "exact", "lse_model", "lse_exact") if any(key in e for e in record)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", help="write all measured errors to this JSON file")
    parser.add_argument("--only", help="run the tests whose name contains this")
    parser.add_argument("--unit", choices=sorted(UNITS), help="one kernel unit instead of all")
    parser.add_argument("--quick", action="store_true", help="head dims 64 and 128 only in the accuracy grid")
    parser.add_argument("--first-call-in-capture", choices=sorted(UNITS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not torch.cuda.is_available():
        print("skipped: torch finds no CUDA GPU on this machine")
        return 77
    library = abi.Library()
    if options.first_call_in_capture:
        captured_call(library, options.first_call_in_capture)
        return 0
    status, device = library.describe_device(0)
    print(f"GPU {device}; driver {driver_version()}; torch {torch.__version__}\nlibrary {os.path.basename(library.path)}:\n{library.images()}")
    if status != 0:
        print(f"failed: {device}")
        return 1
    results = {**describe_machine(library), "units": {}}
    failures = 0
    for unit in [options.unit] if options.unit else UNITS:
        if not serves(library, unit):
            continue
        tests = results["units"][unit] = {}
        for test in TESTS:
            name = test.__name__[5:]
            if options.only and options.only not in name:
                continue
            record = []
            start = time.time()
            problem = None
            try:
                test(library, record, unit, options.quick)
                torch.cuda.synchronize()
            except (Failure, abi.SageError, RuntimeError) as error:
                problem = f"{type(error).__name__}: {error}"
                failures += 1
            worst = worst_of(record)
            tests[name] = {"passed": problem is None, "problem": problem, "cases": len(record), "worst": worst}
            for dtype in ("float16", "bfloat16"):
                of_dtype = worst_of([entry for entry in record if f" {dtype} " in entry["case"]])
                if of_dtype:
                    tests[name][f"worst_{dtype}"] = of_dtype
            compared = [entry for entry in record if "smoothed" in entry]
            if compared:
                tests[name]["smoothing"] = compared
            figures = " ".join(f"{key} {value:.2e}" for key, value in worst.items())
            print(f"{'ok    ' if problem is None else 'FAILED'} {unit} {name:18} {time.time() - start:6.1f} s  {len(record):3} cases  {figures}"
                  + (f"\n       {problem}" if problem else ""), flush=True)
    if options.results:
        with open(options.results, "w") as file:
            json.dump(results, file, indent=1)
            file.write("\n")
    print("all passed" if failures == 0 else f"{failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
