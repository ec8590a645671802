"""The whole way from `sageattn` to a kernel launch, on GPUs that tests/real/torch makes of host memory and a counting driver: dispatch,
allocation, streams, devices, compiling, errors. Kernels do nothing there, so no test reads a result."""

import ctypes
import gc
import os
import threading

import pytest
import torch

from sageattention import sageattn, sageattn_qk_int8_pv_fp16_cuda

pytestmark = pytest.mark.skipif(os.environ.get("SAGE_FAKE_GPUS") != "2", reason="needs the two fake GPUs of tests/real/torch/run.py")

KERNELS_PER_CALL = (2, 8)  # preparation and attention; which of them depends on the host library


def make(*shape, device="cuda", dtype=torch.float16):
    return torch.empty(shape, dtype=dtype, device=device)


class Driver:
    """What fake_driver.c counted."""

    def __init__(self):
        library = ctypes.CDLL("libcuda.so.1")
        self.launches = ctypes.c_int.in_dll(library, "sage_fake_launches")
        self.device = ctypes.c_int.in_dll(library, "sage_fake_device")
        self.stream = ctypes.c_void_p.in_dll(library, "sage_fake_stream")

    def count(self, call):
        before = self.launches.value
        call()
        return self.launches.value - before


@pytest.fixture(scope="module")
def driver():
    return Driver()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("layout, q_shape, kv_shape", [
    ("HND", (2, 6, 17, 64), (2, 3, 33, 64)), ("NHD", (2, 17, 6, 128), (2, 33, 6, 128)), ("HND", (1, 1, 1, 40), (1, 1, 1, 40)),
])
def test_a_call_launches_and_returns_a_dense_tensor(driver, layout, q_shape, kv_shape, dtype):
    q, k = make(*q_shape, dtype=dtype), make(*kv_shape, dtype=dtype)
    results = []
    launches = driver.count(lambda: results.extend(sageattn(q, k, k, tensor_layout=layout, return_lse=True)))
    out, lse = results
    assert KERNELS_PER_CALL[0] <= launches <= KERNELS_PER_CALL[1]
    assert (tuple(out.shape), out.dtype, out.device) == (q_shape, dtype, q.device) and out.is_contiguous()
    heads, tokens = (q_shape[1], q_shape[2]) if layout == "HND" else (q_shape[2], q_shape[1])
    assert (tuple(lse.shape), lse.dtype, lse.device) == ((q_shape[0], heads, tokens), torch.float32, q.device) and lse.is_contiguous()


@pytest.mark.parametrize("options", [
    dict(is_causal=True), dict(sm_scale=0.0), dict(sm_scale=-1), dict(smooth_k=False), dict(qk_quant_gran="per_warp"),
    dict(pv_accum_dtype="fp16"),
])
def test_every_option_launches(driver, options):
    q = make(1, 2, 70, 64)
    assert driver.count(lambda: sageattn_qk_int8_pv_fp16_cuda(q, q, q, **options)) >= KERNELS_PER_CALL[0]


@pytest.mark.parametrize("view", [
    lambda: make(1, 64, 2, 70).transpose(1, 3), lambda: make(1, 2, 70, 129)[..., 1:65], lambda: make(1, 2, 70, 64).expand(3, 2, 70, 64),
    lambda: make(1, 70, 2, 64).transpose(1, 2), lambda: make(1, 2, 70, 128)[..., ::2],
])
def test_any_strides_are_taken(driver, view):
    q = view()
    assert driver.count(lambda: sageattn(q, q, q)) >= KERNELS_PER_CALL[0]


@pytest.mark.parametrize("shape", [(0, 2, 5, 64), (1, 0, 5, 64), (1, 2, 0, 64)])
def test_an_empty_query_launches_nothing(driver, shape):
    q, k = make(*shape), make(shape[0], 2, 5, 64)
    assert driver.count(lambda: sageattn(q, k, k)) == 0


def test_the_current_stream_is_used(driver):
    q, stream = make(1, 2, 5, 64), torch.cuda.Stream()
    with torch.cuda.stream(stream):
        sageattn(q, q, q)
    assert driver.stream.value == stream.cuda_stream
    sageattn(q, q, q)
    assert not driver.stream.value


def test_the_tensors_device_is_used_and_the_current_one_kept(driver):
    q = make(1, 2, 5, 64, device="cuda:1")
    stream = torch.cuda.Stream("cuda:1")
    with torch.cuda.device(1), torch.cuda.stream(stream):
        torch.cuda.set_device(0)
        out, lse = sageattn(q, q, q, return_lse=True)
        assert torch.cuda.current_device() == 0
    assert (driver.device.value, driver.stream.value, out.device.index, lse.device.index) == (1, stream.cuda_stream, 1, 1)
    sageattn(*[make(1, 2, 5, 64)] * 3)
    assert driver.device.value == 0


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
@pytest.mark.parametrize("dynamic", [False, True, None])
def test_compiles_without_graph_breaks(driver, backend, dynamic):
    torch._dynamo.reset()  # all cases share one code object, and torch limits its recompilations

    def attend(q, k):
        out, lse = sageattn(q, k, k, "NHD", is_causal=True, return_lse=True)
        return sageattn_qk_int8_pv_fp16_cuda(out, k, k, tensor_layout="NHD", attn_mask=None), lse

    compiled = torch.compile(attend, fullgraph=True, backend=backend, dynamic=dynamic)
    for tokens, channels in ((5, 64), (9, 64), (9, 128)):
        q, k = make(1, tokens, 4, channels), make(1, tokens + 2, 2, channels)
        results = []
        assert driver.count(lambda: results.extend(compiled(q, k))) >= 2 * KERNELS_PER_CALL[0]
        assert results[0].shape == q.shape and results[1].shape == (1, 4, tokens)


def test_opcheck():
    q, k = make(2, 4, 5, 64), make(2, 2, 7, 64)
    torch.library.opcheck(torch.ops.sageattention.attention_lse.default, (q, k, k), {"sm_scale": 0.5},
                          test_utils=("test_autograd_registration", "test_faketensor"))


def test_nothing_is_kept():
    q, k = make(1, 4, 64, 64), make(1, 2, 70, 128)[..., ::2]

    def calls(count):
        for _ in range(count):
            sageattn(q, k, k, return_lse=True, sm_scale=0.5)
            with pytest.raises(ValueError):
                sageattn(q, k, k, "NHD")

    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    calls(500)
    gc.disable()  # a reference cycle through an exception would show as GPU memory
    try:
        device, host = torch.cuda.memory_allocated(), resident()
        calls(5000)
        assert torch.cuda.memory_allocated() == device
        assert resident() - host < 4 << 20
    finally:
        gc.enable()


def test_threads():
    failures = []

    def work(device):
        try:
            q = make(1, 2, 5, 64, device=f"cuda:{device}")
            for _ in range(300):
                assert sageattn(q, q, q).device.index == device
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(i % 2,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


Q = (1, 4, 5, 64)


@pytest.mark.parametrize("tensors, error, text", [
    (lambda: (make(*Q, device="cpu"),) * 3, ValueError, "q is on cpu, sageattention computes on CUDA devices"),
    (lambda: (make(*Q), make(*Q, device="cpu"), make(*Q)), ValueError, "k is on cpu, sageattention computes on CUDA devices"),
    (lambda: (make(*Q), make(*Q), make(*Q, device="cuda:1")), ValueError, "v is on cuda:1 and q on cuda:0, all must be on one device"),
    (lambda: (make(*Q, dtype=torch.float32),) * 3, TypeError, "q is torch.float32, torch.float16 or torch.bfloat16 is needed"),
    (lambda: (make(*Q), make(*Q, dtype=torch.bfloat16), make(*Q)), TypeError,
     "k is torch.bfloat16 and q torch.float16, all must have one dtype"),
    (lambda: (make(4, 5, 64),) * 3, ValueError,
     "q has 3 dimensions, 4 are needed: batch, heads and tokens in the order of tensor_layout, head_dim"),
    (lambda: (make(1, 4, 5, 129),) * 3, ValueError, "q has head_dim 129, 1 to 128 are supported"),
    (lambda: (make(*Q), make(1, 3, 5, 64), make(1, 3, 5, 64)), ValueError,
     "q has 4 heads and k 3, the former must be a multiple of the latter"),
    (lambda: (make(*Q), make(*Q), None), TypeError, "v is a NoneType, a torch.Tensor is needed"),
])
def test_errors_stop_before_a_launch(driver, tensors, error, text):
    arguments = tensors()
    with pytest.raises(error) as raised:
        assert driver.count(lambda: sageattn(*arguments)) == 0
    assert str(raised.value) == text


@pytest.mark.parametrize("arguments, text", [
    (lambda: (make(4, 5, 64), make(*Q), make(*Q)), "q has 3 dimensions, 4 are needed"),
    (lambda: (make(*Q), make(*Q, dtype=torch.float32), make(*Q)), "k is neither float16 nor bfloat16"),
    (lambda: (make(*Q), make(*Q), make(*Q), 7), "layout is 7, known are 0 (NHD) and 1 (HND)"),
    (lambda: (make(*Q), make(*Q), make(*Q), 1, False, None, 9), "granularity is 9: per warp (2) and per thread (3) are known"),
])
def test_the_operator_itself_refuses(arguments, text):
    with pytest.raises(RuntimeError) as raised:
        torch.ops.sageattention.attention(*arguments())
    assert str(raised.value) == text


def test_out_of_memory_says_what_was_asked_for():
    q = make(1, 1, 1, 128).expand(1, 60000, 2000, 128)
    with pytest.raises(RuntimeError, match=r"^cannot allocate the output of 15360000000 elements on cuda:0 \(out of memory\?\): "):
        sageattn(q, q[:, :, :1], q[:, :, :1])
