#!/usr/bin/env python3
"""The host side of the Hopper preparation, on the driver that takes notes (mock_driver.c): its layout, its one launch, its refusals.

    python3 test_sm90_preparation.py            (needs a C compiler: $CC, else cc)
"""

import ctypes
import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import abi
from sm90_preparation import Preparation
from test_host import HOST, compile_library, request, tensor

IMAGES = """
#include "images.h"
__attribute__((aligned(64))) static const unsigned char a[] = "sm90";
const struct sagebuild_image sagebuild_images[] = {{"sm90_preparation", "9.0", a}};
const int sagebuild_image_count = 1;
"""


def keys(batch, heads, tokens, d, **options):
    """A request with this K and V."""
    shape = [batch, heads, tokens, d]
    return request(q=tensor([batch, heads, 5, d]), k=tensor(shape), v=tensor(shape), **options)


class PreparationTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        images = os.path.join(cls.folder.name, "images.c")
        with open(images, "w") as file:
            file.write(IMAGES)
        sources = [os.path.join(HOST, name) for name in sorted(os.listdir(HOST)) if name.endswith(".c")]
        library = os.path.join(cls.folder.name, "host.so")
        compile_library(library, "-I" + HOST, *sources, images, "-Wl,-z,defs")
        mock = os.path.join(cls.folder.name, "libcuda.so.1")
        compile_library(mock, "-Wl,-soname,libcuda.so.1", os.path.join(HERE, "mock_driver.c"))
        # Once loaded, this is what dlopen("libcuda.so.1") finds in this process.
        cls.mock = ctypes.CDLL(mock)
        cls.mock.mock_lines.restype = ctypes.c_char_p
        cls.preparation = Preparation(library)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def launches(self, made):
        self.mock.mock_set_failing(b"")
        self.mock.mock_make_current(0)
        self.mock.mock_clear()
        self.preparation.quantise(made)
        return [line for line in self.mock.mock_lines().decode().split("\n") if line.startswith("launch")]

    def test_layout(self):
        for batch, heads, tokens, d in ((1, 1, 1, 1), (2, 3, 129, 72), (4, 32, 1024, 128), (2, 3, 0, 64)):
            operands, size = self.preparation.layout(keys(batch, heads, tokens, d))
            padded = -(-tokens // 128) * 128
            wide = 64 if d <= 64 else 128
            self.assertEqual((operands.sk_padded, operands.d_padded), (padded, wide))
            end = 0
            for name, length in (("k_int8", padded * wide), ("k_scale", padded // 128 * 16), ("v_fp8", padded * wide), ("v_scale", wide * 4),
                                 ("k_mean", wide * 4), ("v_mean", wide * 4)):
                self.assertEqual(getattr(operands, name), -(-end // 256) * 256)
                end = getattr(operands, name) + batch * heads * length
            self.assertEqual(size, -(-end // 256) * 256)

    def test_one_launch(self):
        """Clusters grow until a block holds its tiles or the GPU is full; then tiles pass through the slots of two blocks a multiprocessor, then of one."""
        slot = {64: 128 * 128 + 128, 128: 128 * 256 + 128}
        for batch, heads, tokens, d, smooth_v, cluster, slots in (
                (4, 32, 1024, 128, 0, 4, 2), (4, 32, 1024, 64, 0, 2, 4), (4, 32, 4096, 128, 1, 8, 2), (4, 32, 8192, 128, 0, 8, 6), (1, 24, 4608, 128, 0, 8, 3),
                (2, 32, 32768, 128, 0, 8, 6), (2, 32, 32768, 64, 0, 8, 12), (1, 12, 1000, 64, 1, 8, 1), (2, 40, 256, 128, 0, 2, 1), (1, 1, 1, 8, 0, 1, 1),
                (70000, 1, 300, 64, 0, 1, 3)):
            wide = 64 if d <= 64 else 128
            shared = slots * slot[wide] + cluster * wide * 4 * (1 + smooth_v)
            self.assertEqual(self.launches(keys(batch, heads, tokens, d, smooth_v=smooth_v, stream=0x77)), [
                f"launch sage_sm90_prepare_d{wide} grid {2 * batch * heads * cluster} 1 1 block 256 1 1 shared {shared} stream 77 context 0 "
                "parameters 1", f"launch attribute 4: {cluster} 1 1"])
        self.assertEqual(self.launches(keys(2, 3, 0, 64)), [])
        self.assertEqual(self.launches(keys(0, 3, 10, 64)), [])

    def test_refusals(self):
        def refused(status, text, call, made):
            with self.assertRaises(abi.SageError) as caught:
                call(made)
            self.assertEqual((caught.exception.status, str(caught.exception)), (status, text))

        self.mock.mock_make_current(0)
        refused(1, "k has batch 32768 and 32768 heads: their product must be below 2^30", self.preparation.layout, keys(1 << 15, 1 << 15, 1, 8))
        made = keys(1, 1, 128, 64)
        made.v = tensor([1, 1, 127, 64])
        refused(1, "v has 127 tokens but k has 128", self.preparation.quantise, made)
        refused(1, "the workspace has 256 bytes but 17408 are needed", self.preparation.quantise, keys(1, 1, 128, 64, workspace_size=256))
        self.mock.mock_set_failing(b"cuLaunchKernelEx")
        refused(3, "CUDA driver error 719 in cuLaunchKernelEx (CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure)",
                self.preparation.quantise, keys(1, 1, 128, 64))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
