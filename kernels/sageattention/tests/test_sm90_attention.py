#!/usr/bin/env python3
"""The host side of the Hopper attention, on the driver that takes notes (mock_driver.c): choice, workspace, tensor maps, launches.

    python3 test_sm90_attention.py            (needs a C compiler: $CC, else cc)
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
__attribute__((aligned(64))) static const unsigned char a[] = "sm90 attention";
__attribute__((aligned(64))) static const unsigned char b[] = "sm90 preparation";
__attribute__((aligned(64))) static const unsigned char c[] = "sm80";
__attribute__((aligned(64))) static const unsigned char d[] = "preparation";
const struct sagebuild_image sagebuild_images[] = {
    {"sm90_attention", "9.0a", a}, {"sm90_preparation", "9.0", b}, {"sm80_attention", "8.0 9.0", c}, {"smxx_preparation", "8.0 9.0", d}};
const int sagebuild_image_count = 4;
"""


def attention(batch, heads_q, heads_k, sq, sk, d, **options):
    return request(q=tensor([batch, heads_q, sq, d]), k=tensor([batch, heads_k, sk, d]), v=tensor([batch, heads_k, sk, d]), **options)


class AttentionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        images = os.path.join(cls.folder.name, "images.c")
        with open(images, "w") as file:
            file.write(IMAGES)
        sources = [os.path.join(HOST, name) for name in sorted(os.listdir(HOST)) if name.endswith(".c")]
        path = os.path.join(cls.folder.name, "host.so")
        compile_library(path, "-I" + HOST, *sources, images, "-Wl,-z,defs")
        mock = os.path.join(cls.folder.name, "libcuda.so.1")
        compile_library(mock, "-Wl,-soname,libcuda.so.1", os.path.join(HERE, "mock_driver.c"))
        # Once loaded, this is what dlopen("libcuda.so.1") finds in this process.
        cls.mock = ctypes.CDLL(mock)
        cls.mock.mock_lines.restype = ctypes.c_char_p
        cls.library = abi.Library(path)
        cls.preparation = Preparation(path)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def lines(self, made, call=None, which=("launch sage", "map")):
        self.mock.mock_set_failing(b"")
        self.mock.mock_make_current(0)
        self.mock.mock_clear()
        (call or self.library.run)(made)
        return [line for line in self.mock.mock_lines().decode().split("\n") if line.startswith(which)]

    def refused(self, status, text, made, call=None):
        with self.assertRaises(abi.SageError) as caught:
            (call or self.library.run)(made)
        self.assertEqual((caught.exception.status, str(caught.exception)), (status, text))

    def test_choice(self):
        """The unit serves what it can on 9.0; the rest goes to the unit that takes masks."""
        made = attention(1, 4, 2, 8, 128, 64)
        self.assertEqual(self.library.explain(made)[0], "sm90_attention")
        made.pv = 1
        self.assertEqual(self.library.explain(made)[0], "sm80_attention")

    def test_workspace(self):
        for route in (abi.SM90, abi.AUTO):
            made = attention(2, 6, 3, 200, 300, 72, route=route)
            layout = self.library.workspace(made)
            operands, size = self.preparation.layout(made)
            self.assertEqual((layout.size, layout.sk_padded, layout.d_padded), (size, operands.sk_padded, operands.d_padded))
            self.assertEqual((layout.sk_padded, layout.d_padded), (384, 128))
        self.assertEqual(self.library.workspace(attention(2, 6, 3, 0, 300, 72, route=abi.SM90)).size, 0)

    def test_launches(self):
        """The preparation, two maps, one persistent launch of as many blocks as there are multiprocessors, or tiles of 256 (d 64) or 192 queries."""
        for batch, heads_q, heads_k, sq, sk, d, blocks in ((1, 4, 2, 257, 300, 64, 8), (2, 32, 8, 1024, 1024, 96, 132), (1, 1, 1, 1, 1, 8, 1)):
            wide, padded = (64 if d <= 64 else 128), -(-sk // 128) * 128
            found = self.lines(attention(batch, heads_q, heads_k, sq, sk, d, route=abi.SM90, stream=0x55))
            self.assertTrue(found[0].startswith(f"launch sage_sm90_prepare_d{wide} "))
            heads = batch * heads_k
            self.assertEqual(found[-3:], [
                f"map aligned 1 type 0 rank 3 dims {wide} {padded} {heads} strides {wide} {wide * padded} box {wide} 128 1 swizzle {2 if wide == 64 else 3}",
                f"map aligned 1 type 0 rank 3 dims {padded} {wide} {heads} strides {padded} {wide * padded} box 128 {wide} 1 swizzle 3",
                f"launch sage_attend_sm90_d{wide} grid {blocks} 1 1 {'block 640 1 1 shared 211472' if wide == 64 else 'block 512 1 1 shared 226112'} stream 55 context 0 "
                "parameters 1"])

    def test_early_launch(self):
        """The attention may start before the preparation has ended, and never before anything else."""
        made = attention(1, 2, 2, 100, 100, 64, route=abi.SM90)
        self.assertEqual(self.lines(made, which="launch attribute"), ["launch attribute 4: 1 1 1", "launch attribute 6: 1 0 0"])
        made = attention(1, 2, 2, 100, 0, 64, route=abi.SM90)
        self.assertEqual(self.lines(made, which="launch attribute"), [])

    def test_nothing_to_do(self):
        self.assertEqual(self.lines(attention(1, 2, 2, 0, 10, 64, route=abi.SM90)), [])
        self.assertEqual(self.lines(attention(1, 2, 2, 10, 0, 64, route=abi.SM90)), [
            "launch sage_attend_sm90_d64 grid 2 1 1 block 640 1 1 shared 211472 stream 0 context 0 parameters 1"])

    def test_only_preparation(self):
        found = self.lines(attention(1, 2, 2, 10, 10, 64, route=abi.SM90), self.library.prepare)
        self.assertEqual(len(found), 1)
        self.assertTrue(found[0].startswith("launch sage_sm90_prepare_d64 "))

    def test_refusals(self):
        self.mock.mock_make_current(0)
        self.refused(1, "the workspace has 256 bytes but 17408 are needed", attention(1, 1, 1, 1, 128, 64, route=abi.SM90, workspace_size=256))
        for function in ("cuTensorMapEncodeTiled", "cuLaunchKernelEx"):
            self.mock.mock_set_failing(function.encode())
            self.refused(3, f"CUDA driver error 719 in {function} (CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure)",
                         attention(1, 1, 1, 1, 128, 64, route=abi.SM90))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
