#!/usr/bin/env python3
"""The Hopper preparation on a GPU of compute capability 9.0, through the C ABI, against the same formulas in torch.

    SAGEATTENTION_LIBRARY=.../lib.so python3 gpu_preparation.py [--quick]

INT8 K, e4m3 V and every scale must agree to the bit, given the means that the kernel wrote; the means must lie within 3e-7 of the largest
element of the exact ones. Exit status: 0 passed, 1 failed, 77 skipped (the reason is printed).
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import abi

try:
    import torch
except ImportError as problem:
    print(f"skipped: torch cannot be imported ({problem})")
    sys.exit(77)

from machine import driver_version
from sm90_preparation import Preparation

DEVICE = "cuda:0"
MEAN_BOUND = 3e-7
FLOOR = 2.0**-100
BF16, FP16 = torch.bfloat16, torch.float16


class Prepared:
    """The operands, read back from a workspace that was full of NaN before."""

    def __init__(self, preparation, k, v, smooth_k=True, smooth_v=False, granularity=abi.PER_THREAD, stream=None):
        q = torch.zeros(k.shape[0], k.shape[1], 1, k.shape[3], dtype=k.dtype, device=DEVICE)
        made = abi.make_request(q, k, v, q, smooth_k=smooth_k, granularity=granularity)
        made.smooth_v = int(smooth_v)
        made.stream = (stream or torch.cuda.current_stream()).cuda_stream
        operands, size = preparation.layout(made)
        self.workspace = torch.full([size], 0xFF, dtype=torch.uint8, device=DEVICE)
        made.workspace, made.workspace_size = self.workspace.data_ptr(), size
        torch.cuda.synchronize()
        self.run = lambda: preparation.quantise(made)
        self.run()
        b, h, padded, wide = k.shape[0], k.shape[1], operands.sk_padded, operands.d_padded

        def part(offset, dtype, *shape):
            count = torch.Size(shape).numel() * dtype.itemsize
            return self.workspace[offset:offset + count].view(dtype).view(*shape)

        self.k_int8 = part(operands.k_int8, torch.int8, b, h, padded, wide)
        self.k_scale = part(operands.k_scale, torch.float32, b, h, padded // 128, 4)
        self.v_fp8 = part(operands.v_fp8, torch.uint8, b, h, wide, padded)
        self.v_scale, self.k_mean, self.v_mean = (part(getattr(operands, name), torch.float32, b, h, wide)
                                                  for name in ("v_scale", "k_mean", "v_mean"))


def inverse(top, largest_code):
    """127 * (1 / top) for K and 448 / top for V, each operation rounded: torch divides a scalar by way of the reciprocal."""
    if largest_code == 127:
        return torch.ones_like(top) / top * 127
    return torch.full_like(top, largest_code) / top


def mean_error(found, tensor):
    return (found.double() - tensor.double().mean(2)).abs().max().item() / max(tensor.double().abs().max().item(), 1e-300)


def differences(k, v, smooth_k=True, smooth_v=False, granularity=abi.PER_THREAD, prepared=None):
    """What disagrees with the formulas of include/sageattention/parameters_sm90_preparation.h, in words."""
    b, h, tokens, d = k.shape
    padded, wide = prepared.k_int8.shape[2:]
    found = []

    def expect(name, right):
        if not right:
            found.append(name)

    if smooth_k:
        expect("k_mean", mean_error(prepared.k_mean[..., :d], k) < MEAN_BOUND)
    else:
        expect("k_mean is zero", prepared.k_mean.abs().max() == 0)
    expect("k_mean of the padding", wide == d or prepared.k_mean[..., d:].abs().max() == 0)
    x = torch.zeros(b, h, padded, wide, device=DEVICE)
    x[:, :, :tokens, :d] = k.float() - prepared.k_mean[:, :, None, :d]
    x = x.view(b, h, padded // 128, 8, 4, 4, wide)  # tile, sixteen, t, key of four, channel
    top = x.abs().amax(dim=(3, 5, 6))
    if granularity == abi.PER_WARP:
        top = top.amax(-1, keepdim=True).expand(-1, -1, -1, 4)
    top = top.clamp_min(FLOOR)
    expect("k_scale", torch.equal(top * torch.tensor(1 / 127, dtype=torch.float32, device=DEVICE), prepared.k_scale))
    codes = torch.round(x.double() * inverse(top, 127).double()[:, :, :, None, :, None, None]).to(torch.int8)
    codes = codes.view(b, h, padded // 128, 8, 4, 2, 2, wide).permute(0, 1, 2, 3, 5, 4, 6, 7).reshape(b, h, padded, wide)
    expect("k_int8", torch.equal(codes, prepared.k_int8))

    y = v.float()
    if smooth_v:
        expect("v_mean", mean_error(prepared.v_mean[..., :d], v) < MEAN_BOUND)
        y = y - prepared.v_mean[:, :, None, :d]
    top = y.abs().amax(2).clamp_min(FLOOR)
    expect("v_scale", torch.equal(top / torch.full_like(top, 448), prepared.v_scale[..., :d]))
    z = torch.zeros(b, h, wide, padded, device=DEVICE)
    z[:, :, :d, :tokens] = (y * inverse(top, 448)[:, :, None, :]).transpose(2, 3)
    expect("v_fp8", torch.equal(z.to(torch.float8_e4m3fn).view(torch.uint8), prepared.v_fp8))
    return found


def normal(b, h, tokens, d, dtype, layout="HND"):
    """Channels of different width and bias, in one of several memory layouts."""
    if layout == "rows at odd addresses":
        return torch.randn(b, h, tokens + 1, d + 3, device=DEVICE).to(dtype)[:, :, 1:, 3:]
    if layout == "part of a wider tensor":
        return torch.randn(b, tokens, h, 136, device=DEVICE).to(dtype)[..., :d].transpose(1, 2)
    if layout == "one batch for all":
        return torch.randn(1, h, tokens, d, device=DEVICE).to(dtype).expand(b, h, tokens, d)
    x = torch.randn(b, h, tokens, d, device=DEVICE)
    x = (x * (1 + 5 * torch.rand(b, h, 1, d, device=DEVICE)) + 3 * torch.randn(1, h, 1, d, device=DEVICE)).to(dtype)
    return x.transpose(1, 2).contiguous().transpose(1, 2) if layout == "NHD" else x


class Suite:
    def __init__(self, library, quick):
        self.preparation = Preparation(library)
        self.quick = quick
        self.checks = 0
        self.failures = []

    def require(self, right, text):
        self.checks += 1
        if not right:
            self.failures.append(text)
            print("FAILED", text, flush=True)

    def compare(self, k, v, **options):
        prepared = Prepared(self.preparation, k, v, **options)
        found = differences(k, v, prepared=prepared, **options)
        self.require(not found, f"{tuple(k.shape)} {k.dtype} strides {k.stride()} {options}: {', '.join(found)}")

    def shapes(self):
        lengths = [1, 129, 1000] if self.quick else [1, 2, 16, 77, 127, 128, 129, 255, 256, 1000, 1024, 2049, 5000]
        for tokens in lengths:
            for d in (128, 64, 72, 40, 1, 63, 127):
                for n, (b, h) in enumerate(((1, 1), (2, 3), (40, 8))):
                    dtype = (BF16, FP16)[(tokens + d + n) % 2]
                    self.compare(normal(b, h, tokens, d, dtype), normal(b, h, tokens, d, dtype), smooth_k=(tokens + d) % 4 != 0,
                                 smooth_v=(tokens + n) % 3 == 0, granularity=(abi.PER_WARP, abi.PER_THREAD)[(tokens + n) % 2])

    def layouts(self):
        for layout in ("NHD", "rows at odd addresses", "part of a wider tensor", "one batch for all"):
            for tokens, d in ((300, 128), (1024, 64), (513, 80), (640, 45)):
                for dtype in (BF16, FP16):
                    self.compare(normal(2, 3, tokens, d, dtype, layout), normal(2, 3, tokens, d, dtype, layout), smooth_v=d == 80)

    def lengths_beyond_shared_memory(self):
        for tokens in [20000] if self.quick else [20000, 40000]:
            for d in (64, 128):
                k, v = normal(1, 2, tokens, d, BF16), normal(1, 2, tokens, d, BF16)
                self.compare(k, v, smooth_v=True)
                self.compare(k, v, smooth_k=False)

    def amplitudes(self):
        for amplitude, dtype in ((1e-30, BF16), (1e30, BF16), (6e4, FP16), (8e37, BF16), (0.0, BF16)):
            x = ((2 * torch.rand(1, 2, 500, 64, device=DEVICE) - 1) * amplitude).to(dtype)
            self.compare(x, x, smooth_v=True)

    def not_finite(self):
        """Inf or NaN in K reaches the scales of its head, or of its keys if K is not smoothed; in V those of its channel. No others."""
        for value in (float("nan"), float("inf"), float("-inf")):
            for smooth in (True, False):
                k = normal(1, 2, 700, 64, BF16)
                v = k.clone()
                k[0, 1, 333, 5] = v[0, 1, 333, 5] = value
                prepared = Prepared(self.preparation, k, v, smooth_k=smooth, smooth_v=smooth)
                expected = torch.zeros_like(prepared.k_scale, dtype=torch.bool)
                if smooth:
                    expected[0, 1] = True
                else:
                    expected[0, 1, 333 // 128, 333 % 16 // 4] = True
                self.require(torch.equal(prepared.k_scale.isnan(), expected), f"{value} in k, smoothed {smooth}")
                expected = torch.zeros_like(prepared.v_scale, dtype=torch.bool)
                expected[0, 1, 5] = True
                self.require(torch.equal(prepared.v_scale.isnan(), expected), f"{value} in v, smoothed {smooth}")
                self.require(bool(prepared.k_scale[~prepared.k_scale.isnan()].isfinite().all()), f"{value}: the other scales")

    def large(self):
        """More heads than a grid dimension of 65,535 holds, and more than 2^31 elements."""
        heads = 1000 if self.quick else 70000
        self.compare(normal(1, heads, 130, 64, BF16), normal(1, heads, 130, 64, BF16))
        if self.quick:
            return
        tokens = 9_000_000
        x = torch.empty(1, 2, tokens, 128, device=DEVICE, dtype=BF16)
        for start in range(0, tokens, 1_000_000):
            x[:, :, start:start + 1_000_000].normal_()
        prepared = Prepared(self.preparation, x, x)
        top = torch.stack([x[:, :, i:i + 1_000_000].abs().amax(2) for i in range(0, tokens, 1_000_000)]).amax(0).float()
        self.require(torch.equal(top / torch.full_like(top, 448), prepared.v_scale), "v_scale of 2^31 elements")
        last = x[0, 1, -500:].float() * inverse(top, 448)[0, 1]
        self.require(torch.equal(last.to(torch.float8_e4m3fn).view(torch.uint8).T, prepared.v_fp8[0, 1, :, tokens - 500:tokens]),
                     "v_fp8 of 2^31 elements")

    def repeats(self):
        """The same bits whatever the workspace held, on two streams at once."""
        streams = [torch.cuda.Stream(), torch.cuda.Stream()]
        for d, tokens in ((128, 3000), (64, 700)):
            k, v = normal(2, 8, tokens, d, BF16), normal(2, 8, tokens, d, BF16)
            first = Prepared(self.preparation, k, v, smooth_v=True)
            torch.cuda.synchronize()
            for n in range(10 if self.quick else 50):
                pair = [Prepared(self.preparation, k, v, smooth_v=True, stream=stream) for stream in streams]
                for prepared in pair:
                    prepared.workspace.fill_(n)
                torch.cuda.synchronize()
                for prepared in pair:
                    prepared.run()
                torch.cuda.synchronize()
                for name in ("k_int8", "k_scale", "v_fp8", "v_scale", "k_mean", "v_mean"):
                    same = all(torch.equal(getattr(prepared, name), getattr(first, name)) for prepared in pair)
                    self.require(same, f"{name} differs in repeat {n}")

    def graph(self):
        k, v = normal(2, 4, 1000, 128, BF16), normal(2, 4, 1000, 128, BF16)
        prepared = Prepared(self.preparation, k, v)
        graph = torch.cuda.CUDAGraph()
        stream = torch.cuda.Stream()
        with torch.cuda.graph(graph, stream=stream):
            request = abi.make_request(k[:, :, :1], k, v, k[:, :, :1], stream=stream.cuda_stream)
            request.workspace, request.workspace_size = prepared.workspace.data_ptr(), prepared.workspace.numel()
            self.preparation.quantise(request)
        k.copy_(normal(2, 4, 1000, 128, BF16))
        graph.replay()
        torch.cuda.synchronize()
        found = differences(k, v, prepared=prepared)
        self.require(not found, f"a replayed graph on new inputs: {found}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few shapes, for compute-sanitizer")
    options = parser.parse_args()
    if not torch.cuda.is_available() or torch.cuda.get_device_capability(0) != (9, 0):
        print("skipped: no GPU of compute capability 9.0 on this machine")
        return 77
    torch.manual_seed(7)
    suite = Suite(abi.find_library(), options.quick)
    print(f"{torch.cuda.get_device_name(0)}; driver {driver_version()}; torch {torch.__version__}")
    for test in (suite.shapes, suite.layouts, suite.lengths_beyond_shared_memory, suite.amplitudes, suite.not_finite, suite.large,
                 suite.repeats, suite.graph):
        before = suite.checks
        test()
        print(f"{test.__name__}: {suite.checks - before} checks", flush=True)
    print(f"{suite.checks} checks, {len(suite.failures)} failed")
    return 1 if suite.failures else 0


if __name__ == "__main__":
    sys.exit(main())
