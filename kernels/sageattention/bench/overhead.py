#!/usr/bin/env python3
"""What a call costs the host, and what the import costs beyond torch's own; torch and the installed package are needed, a GPU for the calls.

    python3 overhead.py [--results FILE]        budgets: 15 us per eager call, 150 ms per import; exit status 1 beyond them
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import torch

CALL_BUDGET = 15.0  # us
IMPORT_BUDGET = 150.0  # ms
IMPORT = "import time, torch; begin = time.perf_counter(); import sageattention; print((time.perf_counter() - begin) * 1000)"


def import_milliseconds(repeats=7):
    """The first run, which may write bytecode, is left out."""
    runs = [float(subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True).stdout)
            for _ in range(repeats + 1)]
    return statistics.median(runs[1:])


def host_microseconds(call, calls=20, rounds=200):
    """Host time of one call while the GPU keeps up: the queue is drained before every round."""
    times = []
    for _ in range(rounds):
        torch.cuda.synchronize()
        begin = time.perf_counter()
        for _ in range(calls):
            call()
        times.append((time.perf_counter() - begin) / calls * 1e6)
    torch.cuda.synchronize()
    return statistics.median(times)


def measure_calls():
    import sageattention
    from torch.nn.functional import scaled_dot_product_attention

    q, k, v = (torch.randn(1, 2, 64, 64, device="cuda", dtype=torch.bfloat16) for _ in range(3))
    mask = torch.ones(64, 64, device="cuda", dtype=torch.bool)
    packed = [x[0].transpose(0, 1) for x in (q, k, v)]
    offsets = torch.tensor([0, 20, 64], dtype=torch.int32, device="cuda")
    calls = {
        "sageattn": lambda: sageattention.sageattn(q, k, v),
        "sageattn, causal, return_lse": lambda: sageattention.sageattn(q, k, v, is_causal=True, return_lse=True),
        "sageattn, attn_mask": lambda: sageattention.sageattn(q, k, v, attn_mask=mask),
        "sageattn_qk_int8_pv_fp16_cuda": lambda: sageattention.sageattn_qk_int8_pv_fp16_cuda(q, k, v),
        "sageattn_qk_int8_pv_fp8_cuda": lambda: sageattention.sageattn_qk_int8_pv_fp8_cuda(q, k, v),
        "sageattn_varlen": lambda: sageattention.sageattn_varlen(*packed, offsets, offsets, 44, 44),
        "operator alone": lambda: torch.ops.sageattention.attention.default(q, k, v),
        "torch, one elementwise kernel": q.neg,
        "torch's scaled_dot_product_attention": lambda: scaled_dot_product_attention(q, k, v),
    }
    return {name: host_microseconds(call) for name, call in calls.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", help="write the figures to this JSON file")
    options = parser.parse_args()
    results = {"torch": torch.__version__, "import_ms": import_milliseconds(), "call_us": {}}
    print(f"import beyond torch: {results['import_ms']:.1f} ms (budget {IMPORT_BUDGET:g})")
    slow = results["import_ms"] > IMPORT_BUDGET
    if torch.cuda.is_available():
        results["gpu"] = torch.cuda.get_device_name()
        results["call_us"] = measure_calls()
        for name, microseconds in results["call_us"].items():
            ours = "torch" not in name
            slow = slow or (ours and microseconds > CALL_BUDGET)
            print(f"{name:40} {microseconds:6.1f} us" + (f" (budget {CALL_BUDGET:g})" if ours else ""))
    else:
        print("calls are not measured: torch finds no CUDA GPU")
    if options.results:
        with open(options.results, "w") as file:
            json.dump(results, file, indent=1)
            file.write("\n")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
