#!/usr/bin/env python3
"""Tests of the host library without a GPU: against no driver, an old driver and a driver that only takes notes (mock_driver.c).

    python3 test_host.py            (needs a C compiler: $CC, else cc)
"""

import ctypes
import math
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
HOST = os.path.join(HERE, "..", "host")
sys.path.insert(0, HERE)

import abi

IMAGES = """
#include "images.h"
__attribute__((aligned(64))) static const unsigned char a[] = "sm70";
__attribute__((aligned(64))) static const unsigned char b[] = "sm80";
__attribute__((aligned(64))) static const unsigned char c[] = "prep";
const struct sagebuild_image sagebuild_images[] = {
    {"sm70_attention", "7.0 7.5 9.0", a}, {"sm80_attention", "8.0 9.0 12.0", b}, {"smxx_preparation", "7.0 7.5 8.0 9.0 12.0", c}};
const int sagebuild_image_count = 3;
"""
FLAGS = ["-std=c11", "-O1", "-g", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden"]


def compile_library(output, *arguments):
    compiler = os.environ.get("CC", "cc").split()
    subprocess.run([*compiler, *FLAGS, "-o", output, *arguments, "-ldl", "-lpthread"], check=True)


def tensor(shape, dtype=abi.FP16, device=0, stride=None, data=1 << 20):
    described = abi.Tensor()
    described.data = data
    described.shape[:] = shape
    if stride is None:
        stride = [shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1]
    described.stride[:] = stride
    described.dtype = dtype
    described.device = device
    return described


def request(q=None, k=None, v=None, out=None, **options):
    made = abi.Attention()
    made.q = q or tensor([1, 4, 8, 64])
    made.k = k or tensor([1, 2, 128, 64])
    made.v = v or tensor([1, 2, 128, 64])
    made.out = out or tensor(list(made.q.shape))
    made.sm_scale = 0.125
    made.smooth_k = 1
    made.granularity = abi.PER_THREAD
    made.workspace = 1 << 30
    made.workspace_size = 1 << 40
    for name, value in options.items():
        setattr(made, name, value)
    return made


class HostTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        folder = cls.folder.name
        images = os.path.join(folder, "images.c")
        with open(images, "w") as file:
            file.write(IMAGES)
        sources = [os.path.join(HOST, name) for name in sorted(os.listdir(HOST)) if name.endswith(".c")]
        cls.path = os.path.join(folder, "host.so")
        compile_library(cls.path, "-I" + HOST, *sources, images, "-Wl,-z,defs")
        for name, flags in (("mock", []), ("old", ["-DMOCK_OLD_DRIVER", "-Wno-unused-function"])):
            os.mkdir(os.path.join(folder, name))
            compile_library(os.path.join(folder, name, "libcuda.so.1"), *flags, "-Wl,-soname,libcuda.so.1", os.path.join(HERE, "mock_driver.c"))
        # Once loaded, this is what dlopen("libcuda.so.1") finds in this process.
        cls.mock = ctypes.CDLL(os.path.join(folder, "mock", "libcuda.so.1"))
        cls.mock.mock_lines.restype = ctypes.c_char_p
        cls.library = abi.Library(cls.path)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        self.mock.mock_set_failing(b"")
        self.mock.mock_make_current(-1)
        self.mock.mock_clear()

    def lines(self, *starts):
        return [line for line in self.mock.mock_lines().decode().split("\n") if line.startswith(starts)]

    def refused(self, text, status=1, call=None, **arguments):
        self.mock.mock_clear()
        with self.assertRaises(abi.SageError) as caught:
            (call or self.library.workspace)(request(**arguments))
        self.assertEqual(str(caught.exception), text)
        self.assertEqual(caught.exception.status, status)
        self.assertEqual(self.lines("launch"), [])

    def fresh(self, script, driver):
        """A new process whose libcuda.so.1 is the given folder's; `L` is the library."""
        environment = dict(os.environ, PYTHONPATH=HERE, LD_LIBRARY_PATH=os.path.join(self.folder.name, driver), PYTHONDONTWRITEBYTECODE="1")
        prologue = f"import abi, ctypes; L = abi.Library({self.path!r})\n"
        return subprocess.run([sys.executable, "-c", prologue + script], env=environment, capture_output=True, text=True, check=True).stdout

    def test_requests_are_checked_before_any_launch(self):
        self.refused("v has 100 tokens but k has 128", v=tensor([1, 2, 100, 64]))
        self.refused("k has batch 2 but q has 1", k=tensor([2, 2, 128, 64]), v=tensor([2, 2, 128, 64]))
        self.refused("v has 1 heads but k has 2", v=tensor([1, 1, 128, 64]))
        self.refused("q has 3 heads, which is no multiple of the 2 heads of k", q=tensor([1, 3, 8, 64]))
        self.refused("k has head dimension 32 but q has 64", k=tensor([1, 2, 128, 32]))
        self.refused("q has head dimension 256: 1 to 128 are supported", q=tensor([1, 4, 8, 256]))
        self.refused("q has head dimension 0: 1 to 128 are supported", q=tensor([1, 4, 8, 0]))
        self.refused("out has 7 tokens but q has 8", out=tensor([1, 4, 7, 64]))
        self.refused("q is float32: float16 or bfloat16 is needed", q=tensor([1, 4, 8, 64], dtype=abi.FP32))
        self.refused("k is bfloat16 but q is float16", k=tensor([1, 2, 128, 64], dtype=abi.BF16))
        self.refused("q has stride 2 in its last dimension, which must be contiguous",
                     q=tensor([1, 4, 8, 64], stride=[4096, 1024, 128, 2]))
        self.refused("k is on CUDA device 1 but q is on device 0", k=tensor([1, 2, 128, 64], device=1))
        self.refused("q is not on a CUDA device", q=tensor([1, 4, 8, 64], device=-1))
        self.refused("k has shape [1, 2, -1, 64]", k=tensor([1, 2, -1, 64]))
        self.refused("sm_scale is nan: it must be finite", sm_scale=math.nan)
        self.refused("granularity is 1: per warp (2) and per thread (3) are known", granularity=1)
        self.refused("route is 91: automatic (0), direct (16), sm70 (70), sm80 (80) and sm90 (90) are known", route=91)
        self.refused("pv is 3: automatic (0), fp16 (1) and fp8 (2) are known", pv=3)
        self.refused("pv_accumulator is -1: automatic (0), fp32 (1), fp32+fp32 (2) and fp32+fp16 (3) are known", pv_accumulator=-1)
        self.refused("q has 2147483648 tokens: at most 1073741824 are supported", q=tensor([1, 4, 1 << 31, 64]))

    def test_masks_and_sequences_are_checked(self):
        mask = tensor([1, 1, 8, 128], dtype=abi.BOOL)
        self.refused("attn_mask has shape [1, 3, 8, 128], which cannot be broadcast to [1, 4, 8, 128]",
                     mask=tensor([1, 3, 8, 128], dtype=abi.BOOL))
        self.refused("attn_mask is an unknown dtype: bool, float16, bfloat16 or float32 is needed", mask=tensor([1, 1, 1, 1], dtype=9))
        self.refused("attn_mask is on CUDA device 1 but q is on device 0", mask=tensor([1, 1, 1, 1], dtype=abi.BOOL, device=1))
        self.refused("cu_seqlens_q and cu_seqlens_k must be given both or not at all", cu_seqlens_q=4096)
        self.refused("cu_seqlens_q or cu_seqlens_k does not start at a multiple of 4 bytes", cu_seqlens_q=4096, cu_seqlens_k=4098)
        packed = dict(cu_seqlens_q=4096, cu_seqlens_k=4096, sequences=3)
        self.refused("attn_mask cannot be combined with cu_seqlens_q", mask=mask, **packed)
        self.refused("q has batch 2, but the sequences of cu_seqlens_q are packed into one", q=tensor([2, 4, 8, 64]),
                     k=tensor([2, 2, 128, 64]), v=tensor([2, 2, 128, 64]), **packed)
        self.refused("there are -1 sequences: 0 to 4194304 are supported", **dict(packed, sequences=-1))

    def test_masks_and_sequences_launch(self):
        mask = tensor([1, 1, 8, 128], dtype=abi.BOOL)
        self.library.run(request(mask=mask))
        self.assertIn("launch sage_attend_sm80_d64_general grid 4 1 1 block 256 1 1 shared 24576", self.lines("launch")[-1])
        self.mock.mock_clear()
        self.library.run(request(mask=mask, route=abi.SM70))
        self.assertIn("launch sage_attend_sm70_d64 grid 4 1 1", self.lines("launch")[-1])
        # 3 sequences of 8 queries and 1000 keys together: one more tile each, and 4 + 3 pieces of at least 256 keys
        packed = dict(cu_seqlens_q=4096, cu_seqlens_k=4096, sequences=3, k=tensor([1, 2, 1000, 64]), v=tensor([1, 2, 1000, 64]))
        self.mock.mock_clear()
        self.library.run(request(**packed))
        self.assertEqual([line.split(" shared")[0] for line in self.lines("launch")], [
            "launch sage_statistics_d64 grid 14 1 1 block 256 1 1", "launch sage_finalise grid 6 1 1 block 256 1 1",
            f"launch sage_quantise_d64 grid {4 * 8 + 2 * 2 * 19} 1 1 block 256 1 1",
            "launch sage_attend_sm80_d64_general grid 16 1 1 block 256 1 1"])
        layout = self.library.workspace(request(**packed))
        self.assertEqual((layout.sq_padded, layout.sk_padded), (128 + 3 * 128, 1024 + 3 * 64))
        self.mock.mock_clear()
        self.library.run(request(**dict(packed, sequences=0)))
        self.assertEqual(self.lines("launch"), [])

    def test_operands_of_the_caller(self):
        """Only the attention runs, on units of FP16 PV; 16 rows that share scales need the kernels with 16 rows a warp."""
        for band, kernel, threads in ((32, "sage_attend_sm80_d64", 128), (16, "sage_attend_sm80_d64_general", 256)):
            self.mock.mock_clear()
            self.library.attend(request(workspace=None), abi.Operands(q_band=band))
            (line,) = self.lines("launch")
            self.assertTrue(line.startswith(f"launch {kernel} grid 4 1 1 block {threads} 1 1 shared 24576"), line)
        self.refused("q_band is 8: 32 and 16 are known", call=lambda made: self.library.attend(made, abi.Operands(q_band=8)))
        self.refused("v has 100 tokens but k has 128", call=lambda made: self.library.attend(made, abi.Operands(q_band=32)),
                     v=tensor([1, 2, 100, 64]))

    def test_explanations(self):
        self.assertEqual(self.library.explain(request()), ["sm80_attention", "the newest unit with an image for this GPU"])
        self.assertEqual(self.library.explain(request(route=abi.SM70)), ["sm70_attention", "the caller asked for it"])
        self.refused("the route is sm90, but this library has no image of sm90_attention for Mock GPU 0 (compute capability 9.0); "
                     "hint: leave the choice of the route to the library", status=2, call=self.library.explain, route=abi.SM90)
        self.refused("v has 100 tokens but k has 128", call=self.library.explain, v=tensor([1, 2, 100, 64]))

    def test_memory_is_checked_before_any_launch(self):
        run = self.library.run
        self.refused("the workspace has 1000 bytes but 86784 are needed", call=run, workspace_size=1000)
        self.refused("the workspace has 0 bytes but 86784 are needed", call=run, workspace=None)
        self.refused("the workspace does not start at a multiple of 256 bytes", call=run, workspace=(1 << 30) + 16)
        self.refused("k has no data", call=run, k=tensor([1, 2, 128, 64], data=None))
        self.refused("v starts at an odd address", call=run, v=tensor([1, 2, 128, 64], data=1025))

    def test_layout(self):
        for granularity in (abi.PER_WARP, abi.PER_THREAD):
            for sq, sk, d in ((1, 1, 1), (113, 203, 40), (1023, 1024, 128), (0, 5, 64), (5, 0, 64)):
                made = request(q=tensor([2, 4, sq, d]), k=tensor([2, 2, sk, d]), v=tensor([2, 2, sk, d]), granularity=granularity)
                layout = self.library.workspace(made)
                if sq == 0:
                    self.assertEqual(layout.size, 0)
                    continue
                dp = layout.d_padded
                parts = [(layout.q_int8, 8 * layout.sq_padded * dp), (layout.q_scale, 8 * layout.q_scales_per_head * 4),
                         (layout.k_int8, 4 * layout.sk_padded * dp), (layout.k_scale, 4 * layout.k_scales_per_head * 4),
                         (layout.v_fp16, 4 * layout.sk_padded * dp * 2), (layout.v_scale, 4 * dp * 4), (layout.k_mean, 4 * dp * 4),
                         (layout.lse_shift, 8 * layout.sq_padded * 4)]
                end = 0
                for start, size in parts:
                    self.assertEqual(start % 256, 0)
                    self.assertGreaterEqual(start, end)
                    end = start + size
                self.assertGreaterEqual(layout.size, end)
                for token in range(sq):
                    self.assertLess(self.library.handle.sage_q_scale_index(made, token), layout.q_scales_per_head)
                for token in range(sk):
                    self.assertLess(self.library.handle.sage_k_scale_index(made, token), layout.k_scales_per_head)

    def test_launches(self):
        self.mock.mock_make_current(0)
        self.library.run(request(stream=0x1234))
        self.assertEqual([line.split(" parameters")[0] for line in self.lines("launch", "push", "pop", "retain")], [
            "launch sage_statistics_d64 grid 2 1 1 block 256 1 1 shared 0 stream 1234 context 0",
            "launch sage_finalise grid 2 1 1 block 256 1 1 shared 0 stream 1234 context 0",
            "launch sage_quantise_d64 grid 16 1 1 block 256 1 1 shared 0 stream 1234 context 0",
            "launch sage_attend_sm80_d64 grid 4 1 1 block 128 1 1 shared 24576 stream 1234 context 0"])
        self.mock.mock_clear()
        self.library.prepare(request(smooth_k=0))  # fp16 and no smoothing: no pass for statistics
        self.assertEqual([line.split()[1] for line in self.lines("launch")], ["sage_finalise", "sage_quantise_d64"])
        self.mock.mock_clear()
        self.library.run(request(q=tensor([0, 4, 8, 64]), k=tensor([0, 2, 128, 64]), v=tensor([0, 2, 128, 64])))
        self.library.run(request(q=tensor([1, 4, 0, 64])))
        self.assertEqual(self.lines("launch"), [])

    def test_routes(self):
        for route, kernel in ((abi.AUTO, "sage_attend_sm80_d128"), (abi.SM70, "sage_attend_sm70_d128")):
            self.mock.mock_clear()
            self.library.run(request(q=tensor([1, 2, 65, 80]), k=tensor([1, 2, 65, 80]), v=tensor([1, 2, 65, 80]), route=route))
            self.assertIn(f"launch {kernel} grid {2 if route == abi.AUTO else 4} 1 1", self.lines("launch")[-1])

    def test_context_of_the_tensors(self):
        on_1 = dict(q=tensor([1, 4, 8, 64], device=1), k=tensor([1, 2, 128, 64], device=1), v=tensor([1, 2, 128, 64], device=1),
                    out=tensor([1, 4, 8, 64], device=1))
        for current in (-1, 0):
            self.mock.mock_make_current(current)
            self.mock.mock_clear()
            self.library.run(request(**on_1))
            self.assertTrue(all("context 1" in line for line in self.lines("launch")))
            self.assertEqual(self.lines("push", "pop"), ["push 1", "pop"])
            self.assertEqual(self.mock.mock_current(), current)
        self.mock.mock_set_failing(b"cuLaunchKernelEx")
        with self.assertRaisesRegex(abi.SageError, r"^CUDA driver error 719 in cuLaunchKernelEx \(CUDA_ERROR_LAUNCH_FAILED: "
                                                   r"unspecified launch failure\)$"):
            self.library.run(request(**on_1))
        self.assertEqual(self.mock.mock_current(), 0)
        missing = {name: tensor(list(t.shape), device=7) for name, t in on_1.items()}
        self.refused("there is no CUDA device 7: the driver lists 2", status=2, call=self.library.run, **missing)

    def test_images_are_loaded_once(self):
        script = """
import threading, test_host
mock = ctypes.CDLL("libcuda.so.1"); mock.mock_lines.restype = ctypes.c_char_p
def work():
    for device in (0, 1):
        for _ in range(20):
            L.run(test_host.request(**{n: test_host.tensor([1, 2, 64, 64], device=device) for n in ("q", "k", "v", "out")}))
threads = [threading.Thread(target=work) for _ in range(8)]
for t in threads: t.start()
for t in threads: t.join()
print(mock.mock_lines().decode())
"""
        lines = self.fresh(script, "mock").split("\n")
        self.assertEqual(sorted(line for line in lines if line.startswith("load")), ["load prep aligned 1", "load sm80 aligned 1"])
        self.assertEqual(sum(line.startswith("launch") for line in lines), 8 * 2 * 20 * 4)
        functions = [line for line in lines if line.startswith("function")]
        self.assertEqual(len(functions), len(set(functions)))
        self.assertEqual(len(functions), 8)  # four kernels on two devices
        modes = [line for line in lines if line.startswith("capture mode")]
        self.assertEqual(modes, ["capture mode 2", "capture mode 0"] * 8)

    def test_archs(self):
        for capability, unit in (((7, 0), 70), ((7, 2), 70), ((7, 5), 70), ((8, 0), 80), ((8, 6), 80), ((8, 9), 80), ((9, 0), 80),
                                 ((12, 0), 80), ((12, 1), 80)):
            self.mock.mock_set_capability(*capability)
            self.assertEqual(self.library.describe_device(0),
                             (0, f"Mock GPU 0, compute capability {capability[0]}.{capability[1]}: sm{unit}_attention"))
        for capability in ((6, 1), (10, 0), (11, 0)):
            self.mock.mock_set_capability(*capability)
            shown = ".".join(map(str, capability))
            self.assertEqual(self.library.describe_device(1), (
                2, f"this library has no image for Mock GPU 1 (compute capability {shown}): it holds sm70_attention: 7.0 7.5 9.0; "
                   "sm80_attention: 8.0 9.0 12.0; smxx_preparation: 7.0 7.5 8.0 9.0 12.0; "
                   f"hint: install a wheel whose archs include {shown}"))
        self.mock.mock_set_capability(9, 0)
        self.assertEqual(self.library.describe_device(2), (2, "there is no CUDA device 2: the driver lists 2"))
        self.assertEqual(self.library.images(), "sm70_attention: 7.0 7.5 9.0\nsm80_attention: 8.0 9.0 12.0\n"
                                                "smxx_preparation: 7.0 7.5 8.0 9.0 12.0")

    def test_archs_with_variants(self):
        serve = [("9.0a", 9, 0, 1), ("9.0a", 9, 1, 0), ("12.0f", 12, 1, 1), ("12.1", 12, 0, 0), ("8.0 8.6", 8, 9, 1), ("10.0", 1, 0, 0),
                 ("", 9, 0, 0)]
        source = os.path.join(self.folder.name, "serve.c")
        with open(source, "w") as file:
            file.write('#include "units.h"\n__attribute__((visibility("default"))) int serve(const char *a, int b, int c);\n'
                       "int serve(const char *a, int b, int c) { return sage_archs_serve(a, b, c); }\n")
        output = os.path.join(self.folder.name, "serve.so")
        compile_library(output, "-I" + HOST, source, os.path.join(HOST, "units.c"), os.path.join(HOST, "driver.c"),
                        os.path.join(self.folder.name, "images.c"))
        handle = ctypes.CDLL(output)
        for archs, major, minor, expected in serve:
            self.assertEqual(handle.serve(archs.encode(), major, minor), expected, archs)

    def test_old_driver(self):
        self.assertEqual(self.fresh("print(L.describe_device(0))", "old").strip(),
                         "(2, 'the NVIDIA driver is too old: it has no cuGetProcAddress_v2, which came with CUDA 12.0 (driver 525)')")

    def test_no_driver(self):
        try:
            found = self.fresh("try:\n ctypes.CDLL('libcuda.so.1'); print('found')\nexcept OSError: print(L.describe_device(0))", "none").strip()
        except subprocess.CalledProcessError as error:
            self.fail(error.stderr)
        if found == "found":
            self.skipTest("this machine has an NVIDIA driver")
        self.assertEqual(found, "(2, 'no NVIDIA driver on this machine (libcuda.so.1: cannot open shared object file: "
                                "No such file or directory)')")


if __name__ == "__main__":
    unittest.main(verbosity=2)
