"""The whole way from `sageattn` to a kernel launch, on GPUs that tests/real/torch makes of host memory and a counting driver: dispatch,
allocation, streams, devices, compiling, errors. Kernels do nothing there, so no test reads a result."""

import ctypes
import gc
import os
import threading

import pytest
import torch

import sageattention
from sageattention import sageattn, sageattn_qk_int8_pv_fp16_cuda, sageattn_varlen

pytestmark = pytest.mark.skipif(os.environ.get("SAGE_FAKE_GPUS") != "2", reason="needs the two fake GPUs of tests/real/torch/run.py")

KERNELS_PER_CALL = (1, 8)  # preparation and attention, or one that needs none: the host library chooses


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


MASKS = [lambda: make(70, dtype=torch.bool), lambda: make(70, 70), lambda: make(3, 1, 70, 1, dtype=torch.bfloat16),
         lambda: make(3, 2, 70, 140, dtype=torch.float32)[..., ::2], lambda: make(dtype=torch.bool)]


@pytest.mark.parametrize("name", ["sageattn", "sageattn_qk_int8_pv_fp16_cuda", "sageattn_qk_int8_pv_fp16_triton",
                                  "sageattn_qk_int8_pv_fp8_cuda", "sageattn_qk_int8_pv_fp8_cuda_sm90"])
@pytest.mark.parametrize("mask", MASKS)
def test_every_function_takes_masks(driver, name, mask):
    q = make(3, 2, 70, 64)
    assert driver.count(lambda: getattr(sageattention, name)(q, q, q, attn_mask=mask())) >= KERNELS_PER_CALL[0]


@pytest.mark.parametrize("dtype", [torch.int32, torch.int64])
def test_packed_sequences_launch(driver, dtype):
    q, k, offsets = make(70, 4, 96), make(90, 2, 96), make(5, dtype=dtype)
    results = []
    launches = driver.count(lambda: results.append(sageattn_varlen(q, k, k, offsets, offsets, 20, 30, is_causal=True)))
    assert KERNELS_PER_CALL[0] <= launches <= KERNELS_PER_CALL[1]
    assert results[0].shape == q.shape and results[0].is_contiguous()
    strided = make(70, 4, 192)[..., ::2]
    assert driver.count(lambda: sageattn_varlen(strided, k, k, offsets[::2], offsets[::2], 20, 30)) >= KERNELS_PER_CALL[0]


def test_explanations_name_the_unit():
    q = make(1, 2, 70, 64)
    found = sageattention.explain(q, q, q)
    assert found.route.startswith("sm") and found.gpu and str(found).startswith(f"{found.route}: {found.why}")
    masked = sageattention.explain(q, q, q, attn_mask=make(70, dtype=torch.bool))
    packed = [make(70, 2, 64)] * 3
    varlen = sageattention.explain(*packed, function="sageattn_varlen", cu_seqlens_q=make(3, dtype=torch.int32),
                                   cu_seqlens_k=make(3, dtype=torch.int32))
    for other in (masked, varlen):
        assert other.route in ("sm70_attention", "sm80_attention"), other
    fp16 = sageattention.explain(q, q, q, "NHD", function="sageattn_qk_int8_pv_fp16_cuda")
    assert fp16.route == "sm90_direct", fp16


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
    q, k, mask, offsets = make(1, 4, 64, 64), make(1, 2, 70, 128)[..., ::2], make(64, 70, dtype=torch.bool), make(3, dtype=torch.int32)

    def calls(count):
        for _ in range(count):
            sageattn(q, k, k, return_lse=True, sm_scale=0.5, attn_mask=mask)
            sageattn_varlen(*(x[0].transpose(0, 1) for x in (q, k, k)), offsets, offsets, 5, 5)
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
    (lambda: (make(1, 4, 5, 129),) * 3, ValueError,
     "q has head_dim 129, 1 to 128 are supported: use torch's own scaled_dot_product_attention for other ones"),
    (lambda: (make(*Q), make(1, 3, 5, 64), make(1, 3, 5, 64)), ValueError,
     "q has 4 heads and k 3, the former must be a multiple of the latter"),
    (lambda: (make(*Q), make(*Q), None), TypeError, "v is a NoneType, a torch.Tensor is needed"),
    (lambda: (make(*Q),) * 3 + (make(5, 5, device="cpu"),), ValueError, "attn_mask is on cpu, sageattention computes on CUDA devices"),
    (lambda: (make(*Q),) * 3 + (make(5, 5, device="cuda:1"),), ValueError,
     "attn_mask is on cuda:1 and q on cuda:0, all must be on one device"),
    (lambda: (make(*Q),) * 3 + (make(5, 4),), ValueError,
     "attn_mask has shape [5, 4], which cannot be broadcast to [1, 4, 5, 5]: batch, heads, tokens of q, tokens of k"),
    (lambda: (make(*Q),) * 3 + (make(5, 5, dtype=torch.int64),), TypeError,
     "attn_mask is torch.int64, torch.bool, torch.float16, torch.bfloat16 or torch.float32 is needed"),
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
    (lambda: (make(*Q), make(*Q), make(*Q), 2), "layout is 2, known are 0 (NHD) and 1 (HND)"),
    (lambda: (make(*Q), make(*Q), make(*Q), 1, False, None, 9), "granularity is 9: per warp (2) and per thread (3) are known"),
    (lambda: (make(*Q), make(*Q), make(*Q), 1, False, None, 3, True, 0, 7), "pv is 7: automatic (0), fp16 (1) and fp8 (2) are known"),
    (lambda: (make(*Q), make(*Q), make(*Q), 1, False, None, 3, True, 0, 0, 0, False, make(1, 1, 1, 1, 1)),
     "attn_mask has 5 dimensions, at most 4 are possible"),
])
def test_the_operator_itself_refuses(arguments, text):
    with pytest.raises(RuntimeError) as raised:
        torch.ops.sageattention.attention(*arguments())
    assert str(raised.value) == text


@pytest.mark.parametrize("change, error, text", [
    (dict(cu_seqlens_q=lambda: make(3, dtype=torch.int32, device="cuda:1")), ValueError,
     "cu_seqlens_q is on cuda:1 and q on cuda:0, all must be on one device"),
    (dict(cu_seqlens_k=lambda: [0, 5]), TypeError, "cu_seqlens_k is a list, a torch.Tensor is needed"),
    (dict(cu_seqlens_k=lambda: make(4, dtype=torch.int32)), ValueError,
     "cu_seqlens_q has 3 elements and cu_seqlens_k 4, they must be equal"),
    (dict(cu_seqlens_k=lambda: make(3)), TypeError, "cu_seqlens_k is torch.float16, torch.int32 is needed"),
    (dict(q=lambda: make(*Q)), ValueError, "q has 4 dimensions, 3 are needed: the tokens of all sequences, heads, head_dim"),
])
def test_errors_of_packed_sequences(change, error, text):
    arguments = {**{name: make(9, 2, 64) for name in "qkv"}, "cu_seqlens_q": make(3, dtype=torch.int32),
                 "cu_seqlens_k": make(3, dtype=torch.int32), "max_seqlen_q": 5, "max_seqlen_k": 5}
    with pytest.raises(error) as raised:
        sageattn_varlen(**{**arguments, **{name: value() for name, value in change.items()}})
    assert str(raised.value) == text


def test_out_of_memory_says_what_was_asked_for():
    q = make(1, 1, 1, 128).expand(1, 60000, 2000, 128)
    with pytest.raises(RuntimeError, match=r"^cannot allocate the output of 15360000000 elements on cuda:0 \(out of memory\?\): "):
        sageattn(q, q[:, :, :1], q[:, :, :1])
