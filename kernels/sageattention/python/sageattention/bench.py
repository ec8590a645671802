"""Compares sageattn with torch's scaled_dot_product_attention on shapes of your choice: `python -m sageattention.bench`.

    python -m sageattention.bench --shape 2,24,4096,128 --shape 1,24,4096,77,128 --causal

Times are medians of CUDA events over whole calls (quantisation included), the contenders in turn; the error is the relative L2 distance
to float64 on the first 512 queries of the first heads.
"""

import argparse
import statistics
import sys

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

import sageattention

from ._tool import describe_machine, exact_attention, print_table, relative_error, require_gpu

BACKENDS = {"cuDNN": "CUDNN_ATTENTION", "FlashAttention": "FLASH_ATTENTION", "efficient": "EFFICIENT_ATTENTION"}
SHAPES = ["4,32,1024,64", "4,32,1024,128", "4,32,4096,64", "4,32,4096,128", "1,24,16384,128", "2,24,4096,77,128"]
DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}


def read_shape(text):
    """batch, heads, tokens of q[, tokens of k], head_dim"""
    numbers = [int(part) for part in text.split(",")]
    if len(numbers) not in (4, 5) or min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not batch,heads,tokens[,tokens of k],head_dim")
    return tuple(numbers) if len(numbers) == 5 else (*numbers[:3], *numbers[2:])


def contenders(q, k, v, causal):
    """Name and call of everything that takes these inputs."""
    grouped = {"enable_gqa": True} if k.shape[1] != q.shape[1] else {}
    calls = {"sageattn": lambda: sageattention.sageattn(q, k, v, is_causal=causal)}
    for name, backend in BACKENDS.items():
        def call(backend=getattr(SDPBackend, backend)):
            with sdpa_kernel(backend):
                return scaled_dot_product_attention(q, k, v, is_causal=causal, **grouped)
        try:
            call()
        except RuntimeError:  # the back end refuses these inputs
            continue
        calls[name] = call
    return calls


def measure(calls, repeats):
    """Milliseconds of each, taken in turn."""
    times = {name: [] for name in calls}
    for round_number in range(repeats + 3):
        for name, call in calls.items():
            begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            begin.record()
            call()
            end.record()
            end.synchronize()
            if round_number >= 3:
                times[name].append(begin.elapsed_time(end))
    return {name: statistics.median(values) for name, values in times.items()}


def error_of(out, q, k, v, causal):
    heads = q.shape[1] // k.shape[1]
    exact, _ = exact_attention(q[:1, :heads, :512], k[:1, :1], v[:1, :1], causal=causal)
    return relative_error(out[:1, :heads, :512], exact)


def bench(shape, dtype, causal, kv_heads, repeats):
    batch, heads, sq, sk, d = shape
    generator = torch.Generator(device="cuda").manual_seed(1)

    def normal(*sizes):
        return torch.randn(sizes, generator=generator, device="cuda", dtype=torch.float32).to(dtype)

    q, k, v = normal(batch, heads, sq, d), normal(batch, kv_heads or heads, sk, d), normal(batch, kv_heads or heads, sk, d)
    calls = contenders(q, k, v, causal)
    errors = {name: error_of(call(), q, k, v, causal) for name, call in calls.items()}
    times = measure(calls, repeats)
    flops = 4 * batch * heads * sq * sk * d / (2 if causal else 1)
    route = sageattention.explain(q, k, v, is_causal=causal).route
    best = min((time for name, time in times.items() if name != "sageattn"), default=None)
    for name, time in times.items():
        gain = f"{best / time:.2f}" if name == "sageattn" and best else "-"
        yield (f"{batch}x{heads}x{sq}{'' if sk == sq else f'x{sk}'}x{d}", name if name != "sageattn" else f"sageattn ({route})",
               f"{time:.3f}", f"{flops / time / 1e9:.0f}", f"{errors[name]:.4f}", gain)


def main():
    parser = argparse.ArgumentParser(prog="python -m sageattention.bench", description=__doc__.split("\n")[0])
    parser.add_argument("--shape", type=read_shape, action="append", metavar="B,H,S[,SK],D", help="may be repeated; default: a few common ones")
    parser.add_argument("--dtype", choices=sorted(DTYPES), default="bfloat16")
    parser.add_argument("--kv-heads", type=int, default=0, metavar="N", help="heads of k and v (default: those of q)")
    parser.add_argument("--causal", action="store_true")
    parser.add_argument("--repeats", type=int, default=20, metavar="N", help="default: %(default)s")
    options = parser.parse_args()
    require_gpu("bench")
    print(describe_machine())
    rows = [("shape", "attention", "ms", "TFLOP/s", "error", "gain")]
    for shape in options.shape or [read_shape(text) for text in SHAPES]:
        rows.extend(bench(shape, DTYPES[options.dtype], options.causal, options.kv_heads, options.repeats))
        torch.cuda.empty_cache()
    print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
