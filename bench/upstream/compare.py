#!/usr/bin/env python3
"""Our attention beside upstream's, cuDNN's and FlashAttention's on one GPU of compute capability 9.0, in one run.

    python3 compare.py --upstream DIR [--results FILE] [--sizes 1024,4096] [--build-only]

DIR is a checkout of github.com/thu-ml/SageAttention with its LICENSE, README.md, setup.py, sageattention/ and csrc/; nothing of it is part of
this repository. Its two extensions for Hopper (_qattn_sm90, _fused) are built in a copy below DIR/.compare, which is used again. Our package
must be installed, or its folder on PYTHONPATH; torch with nvcc, ninja and Triton are needed for upstream.

TFLOP/s of 4 b h s_q s_k d operations, half for causal: CUDA events between calls back to back, median of 21, the contenders in turn.
`kernel` is upstream's attention on quantised inputs; ours is the whole call less the preparation (both by the C ABI). Errors are relative L2
to float64, on the families of kernels/sageattention/bench/families.py.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

KERNELS = pathlib.Path(__file__).resolve().parents[2] / "kernels" / "sageattention"
sys.path[:0] = [str(KERNELS / "tests"), str(KERNELS / "bench")]
NEEDED = ("sageattention._qattn_sm90", "sageattention._fused")
# b, heads, kv heads, s_q, s_k, d, causal: image and video transformers, cross attention, few queries, many short sequences
MODELS = [(1, 24, 24, 4608, 4608, 128, False), (2, 24, 24, 4429, 4429, 64, False), (1, 40, 40, 32760, 32760, 128, False),
          (1, 30, 30, 17776, 17776, 64, False), (2, 24, 24, 4096, 77, 64, False), (2, 40, 40, 4096, 512, 128, False),
          (1, 32, 8, 16, 32768, 128, False), (64, 16, 16, 256, 256, 64, False), (1, 32, 8, 4096, 4096, 128, True)]

BUILD = """
import runpy, setuptools
original = setuptools.setup
def setup(**options):
    options["ext_modules"] = [module for module in options["ext_modules"] if module.name in %r]
    return original(**options)
setuptools.setup = setup
runpy.run_path("setup.py", run_name="__main__")
"""


def build(source):
    """The folder of upstream's package with its extensions; the seconds that the build took."""
    copy = source / ".compare"
    built = all(list(copy.glob(f"sageattention/{name.split('.')[1]}*.so")) for name in NEEDED)
    if built:
        return copy / "sageattention", 0.0
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for name in ("sageattention", "csrc"):
        shutil.copytree(source / name, copy / name)
    for name in ("setup.py", "README.md", "LICENSE"):
        shutil.copy(source / name, copy / name)
    environment = dict(os.environ, TORCH_CUDA_ARCH_LIST="9.0", MAX_JOBS="16", EXT_PARALLEL="2")
    begin = time.time()
    run = subprocess.run([sys.executable, "-c", BUILD % (NEEDED,), "build_ext", "--inplace"], cwd=copy, env=environment, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.returncode != 0:
        sys.exit(run.stdout[-4000:] + "\nerror: upstream does not build")
    return copy / "sageattention", time.time() - begin


def load(folder):
    """Upstream's package under another name, since ours has the same; its modules import one another relatively."""
    spec = importlib.util.spec_from_file_location("upstream_sageattention", folder / "__init__.py", submodule_search_locations=[str(folder)])
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def upstream_kernel(upstream, q, k, v, causal):
    """Upstream's attention alone, on inputs that its own functions have quantised."""
    import torch

    core = sys.modules[f"{upstream.__name__}.core"]
    scale = q.shape[-1] ** -0.5
    q_int8, q_scale, k_int8, k_scale = core.per_thread_int8_triton(q, k, k.mean(dim=2, keepdim=True), tensor_layout="HND", BLKQ=64, WARPQ=16,
                                                                   BLKK=128, WARPK=128)
    missing = -v.shape[2] % 128
    v_fp8, v_scale, _ = core.per_channel_fp8(torch.nn.functional.pad(v, (0, 0, 0, missing)), tensor_layout="HND", smooth_v=False)
    out = torch.empty_like(q)
    attend = core.sm90_compile.qk_int8_sv_f8_accum_f32_fuse_v_scale_attn_inst_buf
    return lambda: attend(q_int8, k_int8, v_fp8, out, q_scale, k_scale, v_scale, 1, int(causal), 3, scale, 0)


def our_parts(library, q, k, v, causal):
    """The whole call and its preparation alone, through the C ABI."""
    import abi
    import torch

    out = torch.empty_like(q)
    request = abi.make_request(q, k, v, out, causal=causal, stream=torch.cuda.current_stream().cuda_stream)
    workspace = torch.empty(library.workspace(request).size, dtype=torch.uint8, device=q.device)
    request.workspace, request.workspace_size = workspace.data_ptr(), workspace.numel()

    def whole():
        library.run(request)

    whole.keeps = (out, workspace)
    return whole, lambda: library.prepare(request)


def times(calls):
    """Milliseconds of one call of each. In each of seven rounds every contender has its turn of four calls back to back, the first of which,
    that finds the GPU idle, does not count: what a call costs is then the longer of its host and its GPU time."""
    import torch

    found = {name: [] for name in calls}
    for _ in range(7):
        for name, call in calls.items():
            torch.cuda.synchronize()
            events = [torch.cuda.Event(enable_timing=True) for _ in range(5)]
            events[0].record()
            for event in events[1:]:
                call()
                event.record()
            torch.cuda.synchronize()
            found[name] += [begin.elapsed_time(end) for begin, end in zip(events[1:], events[2:])]
    return {name: statistics.median(values) for name, values in found.items()}


def speed(library, upstream, shape):
    import sageattention
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel

    b, h, hk, sq, sk, d, causal = shape
    q, k, v = (torch.randn(b, heads, tokens, d, device="cuda", dtype=torch.bfloat16) for heads, tokens in ((h, sq), (hk, sk), (hk, sk)))

    def torch_attention(backend):
        def call():
            with sdpa_kernel(backend):
                torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal, enable_gqa=h != hk)
        return call

    whole, preparation = our_parts(library, q, k, v, causal)
    calls = {"ours": lambda: sageattention.sageattn(q, k, v, is_causal=causal), "ours, C ABI": whole, "our preparation": preparation,
             "upstream": lambda: upstream.sageattn(q, k, v, is_causal=causal),
             "upstream kernel": upstream_kernel(upstream, q, k, v, causal), "cuDNN": torch_attention(SDPBackend.CUDNN_ATTENTION),
             "FlashAttention": torch_attention(SDPBackend.FLASH_ATTENTION)}
    refused = {}
    for name in list(calls):
        try:
            calls[name]()
        except Exception as problem:  # a contender may refuse a shape; ours may not, and that shows in the table
            refused[name] = f"{type(problem).__name__}: {problem}"[:200]
            del calls[name]
    work = 4 * b * h * sq * sk * d / (2 if causal else 1)
    ms = times(calls)
    tflops = {name: work / (value * 1e9) for name, value in ms.items() if name != "our preparation"}
    if "ours, C ABI" in ms and "our preparation" in ms:
        tflops["our kernel"] = work / ((ms["ours, C ABI"] - ms["our preparation"]) * 1e9)
    return {"batch": b, "heads": h, "kv_heads": hk, "tokens": sq, "kv_tokens": sk, "d": d, "causal": causal, "ms": ms, "tflops": tflops,
            "refused": refused, "route": sageattention.explain(q, k, v, is_causal=causal).route}


def accuracy(upstream):
    import sageattention
    import torch
    from families import FAMILIES, activations, exact, relative_error, synthetic

    rows = []
    for d in (64, 128):
        inputs = {name: synthetic(name, 1, 8, 2048, d, torch.bfloat16) for name in FAMILIES}
        inputs["activations"], reason = activations(d, 2048, torch.bfloat16)
        if reason is not None:
            print(f"skipped: activations: {reason}")
            del inputs["activations"]
        for name, (q, k, v) in inputs.items():
            for causal in (False, True):
                reference = exact(q, k, v, causal)
                errors = {"ours": relative_error(sageattention.sageattn(q, k, v, is_causal=causal), reference),
                          "upstream": relative_error(upstream.sageattn(q, k, v, is_causal=causal), reference),
                          "torch": relative_error(torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal), reference)}
                rows.append({"family": name, "d": d, "causal": causal, "errors": errors, "ratio": errors["ours"] / errors["upstream"]})
    return rows


def print_speed(row):
    shape = f"{row['batch']}x{row['heads']}" + (f"/{row['kv_heads']}" if row["kv_heads"] != row["heads"] else "")
    shape += f" {row['tokens']}" + (f"x{row['kv_tokens']}" if row["kv_tokens"] != row["tokens"] else "")
    shown = " ".join(f"{row['tflops'][name]:6.0f}" if name in row["tflops"] else "     -"
                     for name in ("ours", "our kernel", "upstream", "upstream kernel", "cuDNN", "FlashAttention"))
    print(f"{shape:22} d{row['d']:<3} {'causal' if row['causal'] else 'full  '} {shown}  {row['route']}", flush=True)
    for name, problem in row["refused"].items():
        print(f"    {name} refuses: {problem}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--upstream", type=pathlib.Path, required=True, metavar="DIR", help="a checkout of upstream's repository")
    parser.add_argument("--results", help="write the figures to this JSON file, after each part")
    parser.add_argument("--sizes", default="1024,2048,4096,8192,16384,32768", help="tokens (default: %(default)s)")
    parser.add_argument("--build-only", action="store_true")
    options = parser.parse_args()
    folder, seconds = build(options.upstream.resolve())
    print(f"upstream built in {seconds:.0f} s")
    if options.build_only:
        return 0
    import abi
    import torch
    from machine import describe_machine

    library = abi.Library()
    upstream = load(folder)
    found = {**describe_machine(library), "upstream_build_seconds": seconds, "accuracy": [], "speed": []}

    def write():
        if options.results:
            with open(options.results, "w") as file:
                json.dump(found, file, indent=1)
                file.write("\n")

    found["accuracy"] = accuracy(upstream)
    for row in found["accuracy"]:
        print(f"{row['family']:18} d{row['d']:<3} {'causal' if row['causal'] else 'full  '} "
              + " ".join(f"{name} {error:.5f}" for name, error in row["errors"].items()) + f"  ours / upstream {row['ratio']:.3f}", flush=True)
    write()
    shapes = [(2 if tokens >= 32768 else 4, 32, 32, tokens, tokens, d, causal) for tokens in map(int, options.sizes.split(","))
              for d in (64, 128) for causal in (False, True)]
    print("TFLOP/s                           ours kernel upstrm kernel  cuDNN  Flash2")
    for shape in shapes + MODELS:
        found["speed"].append(speed(library, upstream, shape))
        print_speed(found["speed"][-1])
        torch.cuda.empty_cache()
        write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
