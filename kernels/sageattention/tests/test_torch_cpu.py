"""The installed package beside a real torch on a machine without a GPU: import, operators, fake kernels, tracing, errors."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

import sageattention
from sageattention import _build, _environment, _library

OPERATORS = torch.ops.sageattention
ARGUMENTS = ("Tensor q, Tensor k, Tensor v, int layout=1, bool is_causal=False, float? sm_scale=None, int granularity=3,"
             " bool smooth_k=True, int route=0, int pv=0, int pv_accumulator=0, bool smooth_v=False, Tensor? attn_mask=None")
VARLEN_ARGUMENTS = ("Tensor q, Tensor k, Tensor v, Tensor cu_seqlens_q, Tensor cu_seqlens_k, bool is_causal=False, float? sm_scale=None,"
                    " bool smooth_k=True, int route=0")


def run_python(code, *options, **environment):
    """A fresh interpreter like this one; returns (exit status, stdout, stderr)."""
    done = subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


def reference(q, k, v, layout=1, is_causal=False, sm_scale=None, granularity=3, smooth_k=True, route=0, pv=0, pv_accumulator=0,
              smooth_v=False, attn_mask=None):
    """Attention on the CPU, so that tracing and its checks have something to run."""
    if layout == 0:
        q, k, v = (x.transpose(1, 2) for x in (q, k, v))
    k, v = (x.repeat_interleave(q.shape[1] // k.shape[1], dim=1) for x in (k, v))
    logits = q.float() @ k.float().transpose(-1, -2) * (q.shape[-1] ** -0.5 if sm_scale is None else sm_scale)
    if attn_mask is not None:
        logits = logits.masked_fill(~attn_mask, float("-inf")) if attn_mask.dtype == torch.bool else logits + attn_mask
    if is_causal:
        logits = logits.masked_fill(torch.ones(logits.shape[-2:], dtype=torch.bool).triu(1), float("-inf"))
    out = (torch.softmax(logits, -1) @ v.float()).to(q.dtype)
    return (out.transpose(1, 2) if layout == 0 else out).contiguous(), torch.logsumexp(logits, -1)


@pytest.fixture
def cpu_kernels():
    library = torch.library.Library("sageattention", "IMPL")
    library.impl("attention", lambda *a, **k: reference(*a, **k)[0], "CPU")
    library.impl("attention_lse", lambda *a, **k: reference(*a, **k), "CPU")
    yield
    library._destroy()


def make(shape, device="cpu", dtype=torch.float16):
    return torch.randn(shape, dtype=dtype, device=device) if device == "cpu" else torch.empty(shape, dtype=dtype, device=device)


def test_the_version_is_the_same_everywhere():
    assert sageattention.__version__ == _build.VERSION == importlib.metadata.version("sageattention") == "2.2.0"


def test_import_is_silent_and_leaves_the_gpu_alone():
    code = "import sageattention, torch; print(sageattention.__version__, torch.cuda.is_initialized())"
    status, out, errors = run_python(code, "-W", "error::UserWarning")
    assert (status, out) == (0, "2.2.0 False\n"), errors


def test_the_library_is_bound_to_this_torch():
    assert _library.unavailable is None
    assert torch._C._dispatch_has_kernel_for_dispatch_key("sageattention::attention", "CUDA")
    assert torch._C._dispatch_has_kernel_for_dispatch_key("sageattention::attention_lse", "CUDA")
    assert torch._C._dispatch_has_kernel_for_dispatch_key("sageattention::attention_varlen", "CUDA")


def test_the_images_are_those_of_the_build():
    images = dict(line.split(": ") for line in _library.library.sage_images().decode().splitlines())
    # `9.0a` is an image of capability 9.0, which is what the build names.
    assert sorted({arch.rstrip("af") for archs in images.values() for arch in archs.split()}) == sorted(_build.ARCHS)


def test_the_schemas():
    assert str(OPERATORS.attention.default._schema) == f"sageattention::attention({ARGUMENTS}) -> Tensor"
    assert str(OPERATORS.attention_lse.default._schema) == f"sageattention::attention_lse({ARGUMENTS}) -> (Tensor, Tensor)"
    assert str(OPERATORS.attention_varlen.default._schema) == f"sageattention::attention_varlen({VARLEN_ARGUMENTS}) -> Tensor"
    assert torch.Tag.pt2_compliant_tag in OPERATORS.attention.default.tags


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("layout, q_shape, kv_shape", [("HND", (2, 6, 17, 80), (2, 3, 33, 80)), ("NHD", (2, 17, 6, 80), (2, 33, 3, 80))])
def test_fake_tensors_get_shapes_strides_and_dtypes(layout, q_shape, kv_shape, dtype):
    with FakeTensorMode():
        q, k = make(q_shape[::-1], "cuda", dtype).permute(3, 2, 1, 0), make(kv_shape, "cuda", dtype)
        out = sageattention.sageattn(q, k, k, tensor_layout=layout, is_causal=True)
        again, lse = sageattention.sageattn_qk_int8_pv_fp16_cuda(q, k, k, tensor_layout=layout, return_lse=True, sm_scale=0.1)
    for result in (out, again):
        assert (tuple(result.shape), result.dtype, result.device) == (q_shape, dtype, torch.device("cuda:0")) and result.is_contiguous()
    assert (tuple(lse.shape), lse.dtype, lse.stride()) == ((2, 6, 17), torch.float32, (102, 17, 1))


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
@pytest.mark.parametrize("dynamic", [False, True])
def test_the_operators_compile_without_graph_breaks(cpu_kernels, backend, dynamic):
    torch._dynamo.reset()  # all cases share one code object, and torch limits its recompilations

    def attend(q, k):
        out, lse = OPERATORS.attention_lse(q * 2, k, k, 0, True, 0.25)
        return OPERATORS.attention(out, k, k, 0) + 1, lse

    compiled = torch.compile(attend, fullgraph=True, backend=backend, dynamic=dynamic)
    for tokens in (5, 9):
        q, k = make((1, tokens, 4, 64)), make((1, tokens + 2, 2, 64))
        for result, expected in zip(compiled(q, k), attend(q, k)):
            torch.testing.assert_close(result, expected)


@pytest.mark.parametrize("operator", ["attention", "attention_lse"])
def test_opcheck(cpu_kernels, operator):
    arguments = (make((2, 4, 5, 64)), make((2, 2, 7, 64)), make((2, 2, 7, 64)))
    torch.library.opcheck(getattr(OPERATORS, operator).default, arguments, {"is_causal": True, "sm_scale": 0.5})


Q = (1, 4, 5, 64)


def test_meta_tensors_give_shapes():
    q = make(Q, "meta")
    out, lse = sageattention.sageattn(q, q, q, return_lse=True)
    assert (out.shape, out.device.type, lse.shape) == (Q, "meta", Q[:3])


def test_the_compiled_kernel_reports_errors_and_frees_what_it_owns():
    """The kernel itself, put on the CPU key: it refuses CPU tensors, through torch's own error, and must not keep them."""
    code = """
import gc, resource, torch, sageattention
from sageattention import _operator
_operator.register("CPU")
operators, text = torch.ops.sageattention, set()
def refuse(count):
    for _ in range(count):
        q = torch.empty(1, 2, 64, 64, dtype=torch.float16)
        for call in (lambda: operators.attention(q, q, q, 0, True, 0.5), lambda: operators.attention_lse(q, q, q)):
            try: call()
            except RuntimeError as error: text.add(str(error))
refuse(200)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
refuse(5000)
print(text, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8192)
"""
    assert run_python(code)[:2] == (0, "{'q is not on a CUDA device'} True\n")


def test_a_missing_library_is_named_by_the_call(tmp_path):
    package = Path(sageattention.__file__).parent
    shutil.copytree(package, tmp_path / "sageattention")
    library = tmp_path / "sageattention" / "_native.so"
    library.unlink()
    code = """
import torch, sageattention
try: sageattention.sageattn(*[torch.empty(1, 1, 1, 64, dtype=torch.float16)] * 3)
except RuntimeError as error: print(error)
"""
    status, out, errors = run_python(code, PYTHONPATH=f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    text = f"sageattention cannot load its library: {library}: cannot open shared object file: No such file or directory\n"
    assert (status, out) == (0, text), errors


def test_the_first_function_that_torch_lacks_is_named():
    """The library alone, in a process without torch."""
    code = """
import ctypes, sys
library, error = ctypes.CDLL(sys.argv[1]), ctypes.create_string_buffer(1024)
print(library.sage_torch_resolve(error, ctypes.c_size_t(1024)), error.value.decode())
"""
    library = str(Path(sageattention.__file__).with_name("_native.so"))
    out = subprocess.run([sys.executable, "-c", code, library], capture_output=True, text=True, check=True).stdout
    assert out == "1 `aoti_torch_get_data_ptr` is missing in libtorch_cpu.so, which this torch has not loaded\n"


@pytest.mark.parametrize("row, torch_version, torch_cuda, text", [
    (("2.8.0", "12.9.1"), "2.8.0+cu128", "12.8", None),
    (("2.8.0", "12.9.1"), "2.8.3+cu130", "13.0", None),
    ((None, "12.9.1"), "2.15.0+cu132", "13.2", None),
    ((None, "12.9.1"), "2.6.0", "12.4", None),
    (("2.8.0", "12.9.1"), "2.11.0+cu130", "13.0",
     "this sageattention wheel is named for torch 2.8 and this is torch 2.11.0+cu130: it works here too, because it uses no ABI of torch,"
     " but pip's metadata asks for torch 2.8"),
    (("2.9.0", "13.0.0"), "2.9.1+cu128", "12.8",
     "the kernels of this sageattention wheel are compiled by CUDA 13.0.0 and this torch is for CUDA 12.8: they need a driver for CUDA 13"
     " or newer"),
    (("2.8.0", "12.9.1"), "2.8.0+cpu", None, "torch 2.8.0+cpu is built without CUDA: sageattention can be imported but not called"),
])
def test_the_row_is_compared_with_the_torch_that_imports_it(row, torch_version, torch_cuda, text):
    assert _environment.explain_mismatch(*row, torch_version, torch_cuda) == text
