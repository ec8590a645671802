"""Checks the installed wheel on this machine's GPU: `python -m sageattention.selftest`.

Every public function, dtype and kind of request that a model may make, against float64 on small inputs; some seconds. Exit status: 0 all
passed, 1 something failed or there is no GPU.
"""

import math
import sys
import time

import torch

import sageattention

from ._tool import describe_machine, exact_attention, print_table, relative_error, require_gpu

FP16_BOUND, FP8_BOUND = 0.016, 0.045  # relative L2 on normal inputs
FUNCTIONS = {
    "sageattn": FP8_BOUND,
    "sageattn_qk_int8_pv_fp16_triton": FP16_BOUND,
    "sageattn_qk_int8_pv_fp16_cuda": FP16_BOUND,
    "sageattn_qk_int8_pv_fp8_cuda": FP8_BOUND,
    "sageattn_qk_int8_pv_fp8_cuda_sm90": FP8_BOUND,
}


class Inputs:
    """Seeded normal q, k, v."""

    def __init__(self, batch=1, heads=(4, 2), sq=300, sk=500, d=128, dtype=torch.bfloat16):
        generator = torch.Generator(device="cpu").manual_seed(sq + sk + d)
        shapes = (batch, heads[0], sq, d), (batch, heads[1], sk, d), (batch, heads[1], sk, d)
        self.q, self.k, self.v = (torch.randn(shape, generator=generator).to(dtype).cuda() for shape in shapes)

    def __iter__(self):
        return iter((self.q, self.k, self.v))


def route_of(q, k, v, function="sageattn", **options):
    return (sageattention.explain(q, k, v, function=function, **options).route or "-").replace("_attention", "")


def check_functions():
    for name, bound in FUNCTIONS.items():
        for d, dtype, causal in ((64, torch.float16, False), (128, torch.bfloat16, True), (96, torch.bfloat16, False)):
            q, k, v = Inputs(d=d, dtype=dtype)
            out, lse = getattr(sageattention, name)(q, k, v, is_causal=causal, return_lse=True)
            exact, exact_lse = exact_attention(q, k, v, causal=causal)
            off = (lse.double() - exact_lse).square().mean().sqrt().item()
            yield (f"{name} d{d} {str(dtype)[6:]}{' causal' if causal else ''}", route_of(q, k, v, name),
                   max(relative_error(out, exact), 0.0 if off <= 0.05 else off), bound)


def check_requests():
    q, k, v = Inputs()
    exact, _ = exact_attention(q, k, v)
    swapped = (x.transpose(1, 2).contiguous() for x in (q, k, v))
    yield "NHD layout", route_of(q, k, v), relative_error(sageattention.sageattn(*swapped, "NHD").transpose(1, 2), exact), FP8_BOUND
    wide = [torch.nn.functional.pad(x, (3, 5))[..., 3:-5] for x in (q, k, v)]
    yield "strided views", route_of(*wide), relative_error(sageattention.sageattn(*wide), exact), FP8_BOUND
    for name, mask in (("bool mask", torch.arange(500, device="cuda") % 3 > 0), ("float mask", torch.linspace(-3, 3, 500, device="cuda"))):
        masked, _ = exact_attention(q, k, v, mask=mask)
        out = sageattention.sageattn(q, k, v, mask)  # as scaled_dot_product_attention is called
        yield name, route_of(q, k, v, attn_mask=mask), relative_error(out, masked), FP8_BOUND
    for sq, sk in ((1, 3000), (300, 1)):
        few = Inputs(sq=sq, sk=sk)
        yield (f"{sq} queries, {sk} keys", route_of(*few), relative_error(sageattention.sageattn(*few), exact_attention(*few)[0]), FP8_BOUND)


def check_sequences():
    q, k, v = Inputs(heads=(4, 4), sq=900, sk=900)
    offsets = torch.tensor([0, 5, 400, 900], dtype=torch.int32, device="cuda")
    exact = torch.cat([exact_attention(*(x[:, :, i:j] for x in (q, k, v)), causal=True)[0] for i, j in ((0, 5), (5, 400), (400, 900))], 2)
    packed = [x[0].transpose(0, 1) for x in (q, k, v)]
    out = sageattention.sageattn_varlen(*packed, offsets, offsets, 500, 500, is_causal=True)
    route = route_of(*packed, function="sageattn_varlen", cu_seqlens_q=offsets, cu_seqlens_k=offsets)
    yield "sageattn_varlen causal", route, relative_error(out.transpose(0, 1)[None], exact), FP8_BOUND


def check_values():
    """Values at which other implementations give inf or NaN: black images."""
    for name, dtype, value in (("constant V = 6e4", torch.float16, 6e4), ("constant V = 1e38", torch.bfloat16, 1e38)):
        q, k, v = Inputs(dtype=dtype)
        v.fill_(value)
        out = sageattention.sageattn(q, k, v)
        yield name, route_of(q, k, v), relative_error(out, torch.full_like(out, value).double()), FP8_BOUND
    q, k, v = Inputs()
    v[..., 7] *= 1e4
    exact, _ = exact_attention(q, k, v)
    out = sageattention.sageattn(q, k, v)
    error = max(relative_error(out[..., :7], exact[..., :7]), relative_error(out[..., 7:], exact[..., 7:]))
    yield "a V channel x 1e4", route_of(q, k, v), error, 1.5 * FP8_BOUND  # one channel alone has fewer errors to average
    q, k, v = Inputs()
    k += 20 * torch.randn(1, 2, 1, 128, generator=torch.Generator().manual_seed(1)).cuda().to(k.dtype)
    yield "K with a large bias", route_of(q, k, v), relative_error(sageattention.sageattn(q, k, v), exact_attention(q, k, v)[0]), FP8_BOUND


def check_execution():
    q, k, v = Inputs(sq=1024, sk=1024)
    first = sageattention.sageattn(q, k, v)
    same = all(torch.equal(sageattention.sageattn(q, k, v), first) for _ in range(20))
    yield "20 repeats, equal bits", route_of(q, k, v), 0.0 if same else math.inf, 0.0
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        out = sageattention.sageattn(q, k, v)
    q.copy_(torch.flip(q, (2,)))
    graph.replay()
    yield "CUDA graph", route_of(q, k, v), 0.0 if torch.equal(out, sageattention.sageattn(q, k, v)) else math.inf, 0.0
    compiled = torch.compile(sageattention.sageattn, fullgraph=True, backend="aot_eager")
    yield "torch.compile", route_of(q, k, v), 0.0 if torch.equal(compiled(q, k, v), sageattention.sageattn(q, k, v)) else math.inf, 0.0


def main():
    require_gpu("selftest")
    start = time.monotonic()
    print(describe_machine())
    rows, failures = [("case", "route", "error", "bound", "result")], 0
    for check in (check_functions, check_requests, check_sequences, check_values, check_execution):
        for case, route, error, bound in check():
            passed = error <= bound
            failures += not passed
            rows.append((case, route, f"{error:.4f}", f"{bound:.4f}", "passed" if passed else "FAILED"))
    print_table(rows)
    print(f"\n{len(rows) - 1 - failures} passed, {failures} failed, {time.monotonic() - start:.1f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
