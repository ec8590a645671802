#!/usr/bin/env python3
"""Errors of the public functions to float64 attention, by family of inputs, beside torch's own attention; under a minute on an H200.

    python3 accuracy.py [--results bench/results/accuracy-sm90.json] [--tokens 2048] [--dtype bfloat16]

The installed package is measured. Relative L2 over all outputs; `of torch` is the error of torch's own attention in that dtype.
"""

import argparse
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests"))

import torch

if not torch.cuda.is_available():
    print("skipped: torch finds no CUDA GPU on this machine")
    sys.exit(77)

import abi
import sageattention
from families import FAMILIES, activations, exact, relative_error, synthetic
from machine import describe_machine

FUNCTIONS = {
    "sageattn": (sageattention.sageattn, {}),
    "fp8_sm90": (sageattention.sageattn_qk_int8_pv_fp8_cuda_sm90, {}),
    "fp8_sm90 per_warp": (sageattention.sageattn_qk_int8_pv_fp8_cuda_sm90, {"qk_quant_gran": "per_warp"}),
    "fp8 smooth_v": (sageattention.sageattn_qk_int8_pv_fp8_cuda, {"smooth_v": True, "pv_accum_dtype": "fp32"}),
    "fp16": (sageattention.sageattn_qk_int8_pv_fp16_cuda, {}),
}


def measure(name, q, k, v, causal):
    reference = exact(q, k, v, causal)
    errors = {}
    for function, (call, options) in FUNCTIONS.items():
        errors[function] = relative_error(call(q, k, v, is_causal=causal, **options), reference)
    grouped = q.shape[1] != k.shape[1]
    errors["of torch"] = relative_error(torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal, enable_gqa=grouped),
                                        reference)
    return {"family": name, "heads": q.shape[1], "tokens": q.shape[2], "d": q.shape[3], "causal": causal,
            "route": sageattention.explain(q, k, v, is_causal=causal).route, "errors": errors}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", help="write the figures to this JSON file")
    parser.add_argument("--tokens", type=int, default=2048)
    parser.add_argument("--dtype", choices=["bfloat16", "float16"], default="bfloat16")
    options = parser.parse_args()
    dtype = getattr(torch, options.dtype)
    rows, skipped = [], []
    print(f"{'family':18} {'d':>3} {'mask':6} " + " ".join(f"{name:>17}" for name in [*FUNCTIONS, "of torch"]))
    for d in (64, 128):
        inputs = {name: synthetic(name, 1, 8, options.tokens, d, dtype) for name in FAMILIES}
        inputs["activations"], reason = activations(d, options.tokens, dtype)
        if reason is not None:
            skipped.append(reason)
            del inputs["activations"]
        for name, (q, k, v) in inputs.items():
            for causal in (False, True):
                row = measure(name, q, k, v, causal)
                rows.append(row)
                print(f"{name:18} {d:3} {'causal' if causal else 'full':6} " + " ".join(f"{error:17.5f}" for error in row["errors"].values()),
                      flush=True)
    for reason in sorted(set(skipped)):
        print(f"skipped: activations: {reason}")
    if options.results:
        with open(options.results, "w") as file:
            json.dump({**describe_machine(abi.Library()), "dtype": options.dtype, "families": FAMILIES, "skipped": sorted(set(skipped)),
                       "rows": rows}, file, indent=1)
            file.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
