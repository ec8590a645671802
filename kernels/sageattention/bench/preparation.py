#!/usr/bin/env python3
"""Time of the Hopper preparation beside the time that its bytes need: 6 for each element of K (2 of K and 2 of V read, 1 and 1 written).

    SAGEATTENTION_LIBRARY=.../lib.so python3 preparation.py [--results FILE]

Replays of a CUDA graph of at least 8 calls, median of 9. `cold`: the calls take turns on inputs of more than 150 MB in all; `warm`: one
input. The bandwidth is that of a copy in the same run.
"""

import argparse
import json
import os
import statistics
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests"))

import abi
from machine import describe_machine
from sm90_preparation import Preparation

SHAPES = [(4, 32, tokens, d) for d in (128, 64) for tokens in (1024, 2048, 4096, 8192, 16384)]
SHAPES += [(2, 32, 32768, 128), (2, 32, 32768, 64), (1, 24, 4608, 128), (1, 40, 32760, 128), (2, 40, 256, 128), (1, 12, 1024, 64),
           (1, 8, 32768, 128), (2, 16, 77, 64), (256, 8, 256, 64)]


def microseconds(calls):
    """Median time of one of the calls."""
    calls[0]()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for call in calls:
            call()
    times = []
    for _ in range(11):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        graph.replay()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end) * 1e3 / len(calls))
    return statistics.median(times[2:])


def caller(preparation, b, h, tokens, d):
    k, v = (torch.randn(b, tokens, h, d, device="cuda", dtype=torch.bfloat16).transpose(1, 2) for _ in range(2))
    request = abi.make_request(k[:, :, :1], k, v, k[:, :, :1])
    workspace = torch.empty(preparation.layout(request)[1], dtype=torch.uint8, device="cuda")
    request.workspace, request.workspace_size = workspace.data_ptr(), workspace.numel()

    def call():
        request.stream = torch.cuda.current_stream().cuda_stream
        preparation.quantise(request)

    call.keeps = (k, v, workspace)
    return call


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", help="write the figures to this JSON file")
    options = parser.parse_args()
    if not torch.cuda.is_available() or torch.cuda.get_device_capability(0) != (9, 0):
        print("skipped: no GPU of compute capability 9.0 on this machine")
        return 77
    library = abi.Library()
    preparation = Preparation(library.path)
    x = torch.randn(1 << 28, device="cuda")
    y = torch.empty_like(x)
    bandwidth = 2 * x.numel() * 4 / (microseconds([lambda: torch.neg(x, out=y)] * 3) * 1e6)  # TB/s
    del x, y
    print(f"{torch.cuda.get_device_name(0)}: copy {bandwidth:.2f} TB/s")
    rows = []
    for b, h, tokens, d in SHAPES:
        count = b * h * tokens * d
        calls = [caller(preparation, b, h, tokens, d) for _ in range(max(1, min(8, -(-150_000_000 // (4 * count)))))]
        rounds = -(-8 // len(calls)) if count < 1 << 28 else 1
        row = {"batch": b, "heads": h, "tokens": tokens, "d": d, "floor_us": 6 * count / (bandwidth * 1e6),
               "cold_us": microseconds(calls * rounds), "warm_us": microseconds(calls[:1] * (8 if count < 1 << 28 else 2))}
        rows.append(row)
        print(f"b{b:<3} h{h:<2} {tokens:5} d{d:<3} floor {row['floor_us']:6.1f} us  cold {row['cold_us']:6.1f}"
              f" = {row['cold_us'] / row['floor_us']:5.2f}  warm {row['warm_us']:6.1f}", flush=True)
    if options.results:
        with open(options.results, "w") as file:
            json.dump({**describe_machine(library), "copy_tb_per_s": bandwidth, "rows": rows}, file, indent=1)
            file.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
