#!/usr/bin/env python3
"""The host side of the attention on 16-bit K and V, on the driver that takes notes (mock_driver.c): choice, splits, workspace, launches.

    python3 test_direct.py            (needs a C compiler: $CC, else cc)
"""

import ctypes
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import abi
from test_host import HOST, compile_library
from test_sm90_attention import IMAGES, attention

MORE_IMAGES = IMAGES.replace("const struct", '__attribute__((aligned(64))) static const unsigned char e[] = "direct";\nconst struct', 1)
MORE_IMAGES = MORE_IMAGES.replace('"8.0 9.0", d}};', '"8.0 9.0", d}, {"sm90_direct", "9.0", e}};').replace("image_count = 4", "image_count = 5")

# Launches under a driver of CUDA 12.2, which cannot capture an early one: in a process of its own, since a driver is opened once.
OLD = """
import ctypes, sys
sys.path.insert(0, {here!r})
mock = ctypes.CDLL({mock!r})
mock.mock_lines.restype = ctypes.c_char_p
mock.mock_make_current(0)
import abi
from test_sm90_attention import attention
abi.Library({library!r}).run(attention(1, 4, 1, 1, 32768, 128, route=abi.DIRECT))
print(mock.mock_lines().decode())
"""


class DirectTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        images = os.path.join(cls.folder.name, "images.c")
        with open(images, "w") as file:
            file.write(MORE_IMAGES)
        sources = [os.path.join(HOST, name) for name in sorted(os.listdir(HOST)) if name.endswith(".c")]
        cls.path = os.path.join(cls.folder.name, "host.so")
        compile_library(cls.path, "-I" + HOST, *sources, images, "-Wl,-z,defs")
        for folder, flags in (("new", []), ("old", ["-DMOCK_VERSION=12020"])):
            os.mkdir(os.path.join(cls.folder.name, folder))
            compile_library(os.path.join(cls.folder.name, folder, "libcuda.so.1"), *flags, "-Wl,-soname,libcuda.so.1",
                            os.path.join(HERE, "mock_driver.c"))
        # Once loaded, this is what dlopen("libcuda.so.1") finds in this process.
        cls.mock = ctypes.CDLL(os.path.join(cls.folder.name, "new", "libcuda.so.1"))
        cls.mock.mock_lines.restype = ctypes.c_char_p
        cls.library = abi.Library(cls.path)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def launches(self, made, call=None):
        self.mock.mock_set_failing(b"")
        self.mock.mock_make_current(0)
        self.mock.mock_clear()
        (call or self.library.run)(made)
        return [line for line in self.mock.mock_lines().decode().split("\n") if line.startswith("launch")]

    def test_choice(self):
        """Rows are tokens of q times query heads per head of k."""
        def chosen(*shape, **options):
            return self.library.explain(attention(*shape, **options))[0]

        for shape in ((1, 4, 4, 1, 32768, 128), (4, 32, 8, 16, 77, 64), (1, 24, 24, 256, 4096, 128), (1, 4, 4, 512, 32768, 128), (2, 10, 10, 4096, 77, 64),
                      (2, 24, 24, 1024, 77, 128)):
            self.assertEqual(chosen(*shape), "sm90_direct")
        for shape in ((4, 32, 8, 17, 300, 64), (2, 24, 24, 4096, 77, 128), (1, 24, 24, 257, 4096, 128), (1, 24, 24, 256, 4095, 128), (1, 9, 9, 512, 32768, 128)):
            self.assertEqual(chosen(*shape), "sm90_attention")
        few = (1, 4, 4, 1, 32768, 128)
        self.assertEqual(chosen(*few, pv=abi.PV_FP16), "sm90_direct")
        self.assertEqual(self.library.explain(attention(*few))[1], "few query rows: reading K and V once is all there is to do")
        with self.assertRaises(abi.SageError) as caught:
            masked = attention(*few, route=abi.DIRECT)
            masked.mask = abi.Tensor(4096, (ctypes.c_int64 * 4)(1, 1, 1, 32768), (ctypes.c_int64 * 4)(32768, 32768, 32768, 1), 3, 0)
            self.library.explain(masked)
        self.assertEqual(str(caught.exception),
                         "the route is direct, but sm90_direct takes no attention mask; hint: leave the choice of the route to the library")

    def test_launches(self):
        """Thread blocks fill the 132 multiprocessors twice, if the keys last; partial results only if the keys are divided."""
        for shape, causal, kernel, blocks, rows, splits in (
                ((1, 4, 4, 1, 32768, 128), 0, "few_d128", 4 * 64, 4, 64),
                ((1, 32, 8, 1, 32768, 128), 0, "few_d128", 8 * 32, 32, 32),
                ((1, 16, 1, 1, 32768, 64), 0, "few_d64", 128, 16, 128),
                ((1, 17, 1, 1, 32768, 64), 0, "many_d64", 128, 17, 128),
                ((2, 6, 3, 40, 300, 72), 0, "many_d128", 12 * 5, 0, 5),
                ((1, 24, 24, 64, 32768, 128), 0, "many_d128", 24 * 11, 24 * 64, 11),
                ((1, 4, 4, 8, 32768, 128), 1, "few_d128", 4, 0, 1),
                ((8, 64, 64, 64, 4096, 128), 0, "many_d128", 512, 0, 1),
                ((1, 2, 2, 5, 0, 64), 0, "few_d64", 2, 0, 1)):
            made = attention(*shape, route=abi.DIRECT, stream=0x55, is_causal=causal)
            size = self.library.workspace(made).size
            found = self.launches(made)
            attended = f"launch sage_direct_{kernel} grid {blocks} 1 1 block 128 1 1 shared 99328 stream 55 context 0 parameters 1"
            self.assertEqual(found[0], attended)
            if splits == 1:
                self.assertEqual((len(found), size), (1, 0))
                continue
            rows = rows or shape[0] * shape[1] * shape[3]
            wide = 64 if shape[5] <= 64 else 128
            self.assertEqual(found[1:], [f"launch sage_direct_join_d{wide} grid {rows} 1 1 block 128 1 1 shared 0 stream 55 context 0 parameters 1",
                                         "launch attribute 6: 1 0 0"])
            self.assertEqual(size, rows * splits * wide * 4 + -(-rows * splits * 4 // 256) * 256)

    def test_few_keys(self):
        """They are held in shared memory; thread blocks divide the rows, three on a multiprocessor."""
        for shape, kernel, blocks, shared in (((2, 24, 24, 4096, 77, 128), "short_d128", 48 * 8, (64 + 160) * 256),
                                              ((64, 16, 16, 128, 128, 64), "short_d64", 1024, (64 + 256) * 128),
                                              ((1, 8, 2, 20, 1, 64), "short_d64", 2 * 2, (64 + 32) * 128)):
            made = attention(*shape, route=abi.DIRECT)
            self.assertEqual(self.library.workspace(made).size, 0)
            self.assertEqual(self.launches(made), [f"launch sage_direct_{kernel} grid {blocks} 1 1 block 128 1 1 shared {shared} stream 0 context 0 "
                                                   "parameters 1"])

    def test_nothing_to_prepare(self):
        self.assertEqual(self.launches(attention(1, 4, 4, 1, 32768, 128, route=abi.DIRECT), self.library.prepare), [])
        self.assertEqual(self.launches(attention(1, 4, 4, 0, 10, 64, route=abi.DIRECT)), [])

    def test_old_driver(self):
        old = os.path.join(self.folder.name, "old", "libcuda.so.1")
        found = subprocess.run([sys.executable, "-c", OLD.format(here=HERE, mock=old, library=self.path)], capture_output=True, text=True, check=True)
        self.assertEqual([line.split()[1] for line in found.stdout.split("\n") if line.startswith("launch")],
                         ["sage_direct_few_d128", "sage_direct_join_d128"])

    def test_refusals(self):
        self.mock.mock_make_current(0)
        made = attention(1, 4, 4, 1, 32768, 128, route=abi.DIRECT, workspace_size=256)
        with self.assertRaisesRegex(abi.SageError, "^the workspace has 256 bytes but 132096 are needed$"):
            self.library.run(made)
        with self.assertRaisesRegex(abi.SageError, "^q has too many rows for the unit sm90_direct: 1 heads of k with 2147483648 rows each$"):
            self.library.workspace(attention(1, 4, 1, 1 << 30, 8, 64, route=abi.DIRECT))
        made = attention(1, 4, 4, 1, 32768, 128, route=abi.DIRECT)
        self.mock.mock_set_failing(b"cuLaunchKernelEx")
        with self.assertRaisesRegex(abi.SageError, r"^CUDA driver error 719 in cuLaunchKernelEx \(CUDA_ERROR_LAUNCH_FAILED: "):
            self.library.run(made)
        self.mock.mock_set_failing(b"")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
