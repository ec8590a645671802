#!/usr/bin/env python3
"""Numeric tests of the attention kernels on a GPU, through the C ABI; they need torch and nothing else.

    SAGEATTENTION_LIBRARY=.../lib.so python3 gpu_numerics.py [--results FILE] [--only NAME] [--quick]

Without the variable the library of the installed package is tested. Exit status: 0 passed, 1 failed, 77 skipped (no GPU; the reason is
printed). Bounds, relative L2: 1e-3 (fp16 out) and 3e-3 (bf16 out) to a float64 model of the same quantised operands, 0.016 to exact
float64 attention; those of sm90, which multiplies P and V in FP8, and of direct, which quantises nothing, stand in gpu_support.py.
"""

import argparse
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import abi

try:
    import torch
except ImportError as problem:
    print(f"skipped: torch cannot be imported ({problem})")
    sys.exit(77)

import gpu_execution
import gpu_masks
import gpu_memory
import gpu_sequences
import gpu_splits
import gpu_values
from gpu_support import UNITS, Failure, serves
from machine import describe_machine, driver_version



def tests_of(unit):
    special = [] if unit in ("direct", "sm90") else [*gpu_masks.TESTS, *gpu_sequences.TESTS]
    return [*gpu_values.TESTS, *gpu_splits.TESTS, *special, *gpu_memory.TESTS, *gpu_execution.TESTS]


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
        gpu_execution.captured_call(library, options.first_call_in_capture)
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
        for test in tests_of(unit):
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
