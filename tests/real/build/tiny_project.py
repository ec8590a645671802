"""A project of its own with one tiny package: two kernel units that share a header, one C file, one Python file. Its builds are quick and
use the real toolchains, so kills, races and edits can be tried many times."""

import pathlib
import shutil

ROOT = pathlib.Path(__file__).resolve().parents[3]

MATRIX = """\
schema: 1
package:
  name: tiny
  version: "1.0.0"
  module: tiny
  short: tiny
  summary: a kernel that adds one
  license: Apache-2.0
requires: {python: ">=3.9", torch: ">=2.6", cuda: ">=12.0"}
sources:
  root: kernels/tiny
  include: [include]
  host: [host]
  python: python/tiny
  library: _native.so
units:
  - {name: add_one, source: units/add_one.cu, archs: ["8.0", "8.9", "9.0"]}
  - {name: add_two, source: units/add_two.cu, archs: ["8.0", "9.0"]}
arch_lists:
  few: ["8.0", "8.9", "9.0"]
policies: {images: row, uncompilable: drop}
rows:
  - {torch: "2.8.0", cuda: "12.9.1", python: ["3.11", "3.12"], archs: few}
groups:
  default: {select: ["python=3.12"]}
"""

FILES = {
    "LICENSE": "Apache-2.0, see https://www.apache.org/licenses/LICENSE-2.0\n",
    "matrix/tiny.yaml": MATRIX,
    "kernels/tiny/include/tiny/step.cuh": "#pragma once\n__device__ inline float step(float x, float by) { return x + by; }\n",
    "kernels/tiny/include/tiny/two.cuh": '#pragma once\n#include "tiny/step.cuh"\n__device__ constexpr float two = 2.0f;\n',
    "kernels/tiny/units/add_one.cu": '#include "tiny/step.cuh"\n'
    'extern "C" __global__ void add_one(float* x) { x[threadIdx.x] = step(x[threadIdx.x], 1.0f); }\n',
    "kernels/tiny/units/add_two.cu": '#include "tiny/two.cuh"\n'
    'extern "C" __global__ void add_two(float* x) { x[threadIdx.x] = step(x[threadIdx.x], two); }\n',
    "kernels/tiny/host/images.h": "struct sagebuild_image {\n"
    "    const char *unit;\n    const char *archs;\n    const unsigned char *fatbin;\n};\n"
    "extern const struct sagebuild_image sagebuild_images[];\nextern const int sagebuild_image_count;\n",
    "kernels/tiny/host/tiny.c": '#include "images.h"\n'
    '__attribute__((visibility("default"))) const char *tiny_unit(void) {\n'
    "    return sagebuild_images[sagebuild_image_count - 1].unit;\n}\n",
    "kernels/tiny/python/tiny/__init__.py": '"""A kernel that adds one."""\n',
}


def make_tiny_project(directory: pathlib.Path) -> pathlib.Path:
    for name, text in FILES.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    shutil.copytree(ROOT / "matrix" / "compat", directory / "matrix" / "compat")
    return directory
