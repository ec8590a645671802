#!/usr/bin/env python3
"""Throughput of the attention kernels beside torch's, interleaved in one process on random inputs.

    SAGEATTENTION_LIBRARY=.../lib.so python3 throughput.py [--results FILE] [--quick]

`sage` is the whole call (preparation and attention), `attention` the same without the preparation's share, measured as the difference to
the preparation alone. CUDA events, median of 20 after 5 warm-up calls; 4 s_q s_k d h b floating-point operations (half if causal).
"""

import argparse
import json
import os
import statistics
import sys

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests"))

import abi
from machine import describe_machine, driver_version

REPEATS = 20


def milliseconds(calls):
    """Median time of each of the calls, taken in turn."""
    for call in calls.values():
        for _ in range(5):
            call()
    times = {name: [] for name in calls}
    for _ in range(REPEATS):
        for name, call in calls.items():
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record()
            call()
            end.record()
            end.synchronize()
            times[name].append(start.elapsed_time(end))
    return {name: statistics.median(values) for name, values in times.items()}


def measure(library, unit, heads, tokens, d, causal, dtype, contenders):
    batch = max(1, 16384 // tokens)
    q, k, v = (torch.randn(batch, heads, tokens, d, device="cuda", dtype=dtype) for _ in range(3))
    out = torch.empty_like(q)
    request = abi.make_request(q, k, v, out, causal=causal, route=unit, stream=torch.cuda.current_stream().cuda_stream)
    workspace = torch.empty(library.workspace(request).size, dtype=torch.uint8, device="cuda")
    request.workspace, request.workspace_size = workspace.data_ptr(), workspace.numel()
    calls = {"sage": lambda: library.run(request), "preparation": lambda: library.prepare(request)}
    if contenders:
        def sdpa(backend):
            def call():
                with sdpa_kernel(backend):
                    F.scaled_dot_product_attention(q, k, v, is_causal=causal)
            return call
        calls["flash"] = sdpa(SDPBackend.FLASH_ATTENTION)
        calls["cudnn"] = sdpa(SDPBackend.CUDNN_ATTENTION)
    found = milliseconds(calls)
    found["attention"] = found["sage"] - found["preparation"]
    work = 4 * batch * heads * tokens * tokens * d / (2 if causal else 1)
    rates = {name: work / (ms * 1e9) for name, ms in found.items() if name != "preparation"}
    return {"batch": batch, "heads": heads, "tokens": tokens, "d": d, "causal": causal, "dtype": str(dtype)[6:], "ms": found, "tflops": rates}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", help="write the figures to this JSON file")
    parser.add_argument("--unit", type=int, choices=[70, 80], default=80, help="kernel unit (default 80)")
    parser.add_argument("--quick", action="store_true", help="4096 tokens only, no comparison")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        print("skipped: torch finds no CUDA GPU on this machine")
        return 77
    library = abi.Library()
    print(f"GPU {library.describe_device(0)[1]}; driver {driver_version()}; torch {torch.__version__}; TFLOP/s, heads 32, batch x tokens 16384")
    rows = []
    for d in [64, 128]:
        for causal in [False, True]:
            for tokens in [4096] if options.quick else [1024, 4096, 16384]:
                row = measure(library, options.unit, 32, tokens, d, causal, torch.bfloat16, not options.quick)
                rows.append(row)
                print(f"d{d:<3} {'causal' if causal else 'full  '} {tokens:5}  "
                      + "  ".join(f"{name} {rate:5.0f}" for name, rate in row["tflops"].items())
                      + f"  preparation {row['ms']['preparation']:.3f} ms of {row['ms']['sage']:.3f}", flush=True)
    if options.results:
        with open(options.results, "w") as file:
            json.dump({**describe_machine(library), "unit": options.unit, "repeats": REPEATS, "rows": rows}, file, indent=1)
            file.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
