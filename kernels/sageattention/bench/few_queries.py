#!/usr/bin/env python3
"""Few queries over many keys, and few keys: the units of this library on Hopper beside torch's back ends.

    SAGEATTENTION_LIBRARY=.../lib.so python3 few_queries.py [--results FILE] [--shape B,HQ,HK,SQ,SK,D ...]

Replays of a CUDA graph of about 8 calls that take turns on inputs of more than 150 MB in all, median of 10; bf16. `bytes_us`: Q, K, V and the
output once at the 4.25 TB/s of a copy on an H200.
"""

import argparse
import json
import os
import statistics
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests"))

import abi
import torch
import torch.nn.functional as F
from machine import describe_machine
from torch.nn.attention import SDPBackend, sdpa_kernel

COPY = 4.25e6  # bytes per microsecond
SHAPES = [(1, 4, 4, 1, 32768, 128), (1, 32, 8, 1, 32768, 128), (1, 32, 32, 1, 8192, 128), (1, 24, 24, 8, 8192, 128), (8, 32, 8, 1, 4096, 128),
          (1, 24, 24, 64, 32768, 128), (1, 24, 24, 128, 32768, 128), (1, 24, 24, 256, 32768, 128), (1, 24, 24, 1024, 32768, 128),
          (1, 4, 4, 512, 32768, 128), (1, 8, 8, 64, 32768, 64), (4, 32, 32, 64, 1024, 64), (2, 24, 24, 4096, 77, 128),
          (2, 24, 24, 1024, 77, 128), (2, 10, 10, 4096, 77, 64), (2, 20, 20, 1024, 77, 64), (64, 16, 16, 128, 128, 64),
          (1, 8, 8, 100, 100, 64), (1, 8, 8, 300, 300, 64)]
UNITS = {"direct": abi.DIRECT, "sm90": abi.SM90, "auto": abi.AUTO}
BACKENDS = {"cudnn": SDPBackend.CUDNN_ATTENTION, "flash": SDPBackend.FLASH_ATTENTION}


def microseconds(calls):
    """Median time of one of the calls."""
    with torch.cuda.stream(torch.cuda.Stream()):
        for call in calls:
            call()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for call in calls:
            call()
    times = []
    for _ in range(12):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        graph.replay()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end) * 1e3 / len(calls))
    return round(statistics.median(times[2:]), 1)


def caller(library, q, k, v, route):
    out = torch.empty_like(q)
    request = abi.make_request(q, k, v, out, route=route)
    workspace = torch.empty(max(1, library.workspace(request).size), dtype=torch.uint8, device="cuda")
    request.workspace, request.workspace_size = workspace.data_ptr(), workspace.numel()

    def call():
        request.stream = torch.cuda.current_stream().cuda_stream
        library.run(request)

    call.keeps = (q, k, v, out, workspace)
    return call


def measure(library, batch, heads_q, heads_k, sq, sk, d):
    count = 4 * batch * d * (heads_q * sq + heads_k * sk)
    sets = max(1, min(6, -(-160_000_000 // count)))
    inputs = [tuple(torch.randn(batch, heads, tokens, d, device="cuda", dtype=torch.bfloat16)
                    for heads, tokens in ((heads_q, sq), (heads_k, sk), (heads_k, sk))) for _ in range(sets)]
    rounds = max(1, 8 // sets)
    row = {"shape": [batch, heads_q, heads_k, sq, sk, d], "bytes_us": round(count / COPY, 1)}
    for name, route in UNITS.items():
        row[name] = microseconds([caller(library, *tensors, route) for tensors in inputs] * rounds)
    for name, backend in BACKENDS.items():
        with sdpa_kernel(backend):
            row[name] = microseconds([lambda tensors=tensors: F.scaled_dot_product_attention(*tensors, enable_gqa=heads_q != heads_k)
                                      for tensors in inputs] * rounds)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", help="write the figures to this JSON file")
    parser.add_argument("--shape", action="append", help="batch, heads of q, heads of k, queries, keys, head dim")
    options = parser.parse_args()
    if not torch.cuda.is_available() or torch.cuda.get_device_capability(0) != (9, 0):
        print("skipped: no GPU of compute capability 9.0 on this machine")
        return 77
    library = abi.Library()
    rows = []
    for shape in [tuple(map(int, text.split(","))) for text in options.shape] if options.shape else SHAPES:
        rows.append(measure(library, *shape))
        print(json.dumps(rows[-1]), flush=True)
    if options.results:
        with open(options.results, "w") as file:
            json.dump({**describe_machine(library), "rows": rows}, file, indent=1)
            file.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
