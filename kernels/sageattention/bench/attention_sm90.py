#!/usr/bin/env python3
"""The Hopper attention and its preparation apart, through the C ABI, beside torch's cuDNN attention: TFLOP/s by size.

    SAGEATTENTION_LIBRARY=.../lib.so python3 attention_sm90.py [--results FILE] [--quick]

The main kernel's time is that of the whole call less that of the preparation, both medians of CUDA-event times of calls back to back.
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

DEVICE = "cuda:0"
HEADS = 32


def median_ms(call, repeats):
    for _ in range(3):
        call()
    events = [torch.cuda.Event(enable_timing=True) for _ in range(repeats + 1)]
    events[0].record()
    for event in events[1:]:
        call()
        event.record()
    torch.cuda.synchronize()
    return statistics.median(a.elapsed_time(b) for a, b in zip(events, events[1:]))


def measure(library, d, causal, tokens):
    batch = 2 if tokens == 32768 else 4
    q, k, v = (torch.randn(batch, HEADS, tokens, d, device=DEVICE, dtype=torch.bfloat16) for _ in range(3))
    out = torch.empty_like(q)
    request = abi.make_request(q, k, v, out, causal=causal, route=abi.SM90, stream=torch.cuda.current_stream().cuda_stream)
    workspace = torch.empty(library.workspace(request).size, dtype=torch.uint8, device=DEVICE)
    request.workspace, request.workspace_size = workspace.data_ptr(), workspace.numel()
    operations = 4 * batch * HEADS * tokens * tokens * d / (2 if causal else 1)
    repeats = max(20, min(60, int(0.02 / (operations / 5e14))))
    whole = median_ms(lambda: library.run(request), repeats)
    preparation = median_ms(lambda: library.prepare(request), repeats)
    with sdpa_kernel(SDPBackend.CUDNN_ATTENTION):
        cudnn = median_ms(lambda: F.scaled_dot_product_attention(q, k, v, is_causal=causal), repeats)
    tflops = {"whole": operations / whole / 1e9, "main": operations / (whole - preparation) / 1e9, "cudnn": operations / cudnn / 1e9}
    return {"d": d, "causal": causal, "tokens": tokens, "batch": batch, "heads": HEADS, "preparation_us": round(preparation * 1e3, 1),
            "tflops": {name: round(value) for name, value in tflops.items()}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", help="write the figures to this JSON file")
    parser.add_argument("--quick", action="store_true", help="1024 and 4096 tokens only")
    options = parser.parse_args()
    library = abi.Library()
    rows = []
    # short ones first: after long ones the card runs at a lower clock for a while
    for tokens in (1024, 4096) if options.quick else (1024, 2048, 4096, 8192, 16384, 32768):
        for d in (128, 64):
            for causal in (False, True):
                rows.append(measure(library, d, causal, tokens))
                print(json.dumps(rows[-1]), flush=True)
    rows.sort(key=lambda row: (-row["d"], row["causal"], row["tokens"]))
    if options.results:
        with open(options.results, "w") as file:
            json.dump({**describe_machine(library), "rows": rows}, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
