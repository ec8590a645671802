"""The installed package on a real GPU: results against float64, and every way in which torch calls an operator. The kernels' own numerics
(quantised model, odd sizes, both units) are in gpu_numerics.py."""

import math
import os
import subprocess
import sys
import threading

import pytest
import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from references import exact_attention, make_inputs, relative_error  # noqa: E402

from sageattention import sageattn, sageattn_qk_int8_pv_fp16_cuda  # noqa: E402

pytestmark = pytest.mark.skipif("SAGE_FAKE_GPUS" in os.environ or not torch.cuda.is_available(), reason="no CUDA GPU")

EXACT_BOUND = 0.016  # relative L2 to exact attention in float64, at logits of about unit variance
FP8_BOUND = 0.045     # where P and V are multiplied in FP8
LSE_BOUND = 0.02  # root mean square, absolute


def inputs(heads=(4, 4), sq=200, sk=300, d=64, dtype=torch.float16, device="cuda:0", seed=1):
    return make_inputs(seed, 2, heads[0], heads[1], sq, sk, d, dtype, device)


def swap(tensor):
    return tensor.transpose(1, 2)


def attend(q, k, v):
    out, lse = sageattn(q, k, v, is_causal=True, return_lse=True)
    return out * 2, lse


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("heads, sq, sk, d, causal, scale", [
    ((4, 4), 200, 300, 64, False, None), ((8, 2), 257, 257, 128, True, None), ((3, 1), 113, 203, 80, False, 0.1),
    ((2, 2), 1, 1, 40, True, None),
])
@pytest.mark.parametrize("layout", ["HND", "NHD"])
def test_results_are_those_of_float64(layout, heads, sq, sk, d, causal, scale, dtype):
    q, k, v = inputs(heads, sq, sk, d, dtype)
    expected, expected_lse = exact_attention(q, k, v, d ** -0.5 if scale is None else scale, causal)
    arguments = (q, k, v) if layout == "HND" else tuple(swap(x).contiguous() for x in (q, k, v))
    for granularity in ("per_thread", "per_warp"):
        out, lse = sageattn_qk_int8_pv_fp16_cuda(*arguments, tensor_layout=layout, is_causal=causal, sm_scale=scale,
                                                 qk_quant_gran=granularity, return_lse=True)
        assert out.is_contiguous() and out.dtype == dtype
        assert relative_error(out if layout == "HND" else swap(out), expected) <= EXACT_BOUND
        assert (lse.double() - expected_lse).square().mean().sqrt() <= LSE_BOUND
    default = sageattn(*arguments, tensor_layout=layout, is_causal=causal, sm_scale=scale)
    assert relative_error(default if layout == "HND" else swap(default), expected) <= FP8_BOUND


@pytest.mark.parametrize("view", [
    lambda x: swap(swap(x).contiguous()), lambda x: x.transpose(2, 3).contiguous().transpose(2, 3),
    lambda x: torch.cat((x, x), dim=3)[..., :x.shape[3]], lambda x: torch.nn.functional.pad(x, (1, 2))[..., 1:-2],
    lambda x: torch.stack((x, x), dim=4)[..., 0],
])
def test_strides_do_not_change_the_result(view):
    q, k, v = inputs()
    expected = sageattn(q, k, v)
    assert torch.equal(sageattn(view(q), view(k), view(v)), expected)


def test_expanded_keys_and_repeated_calls_are_bit_equal():
    q, k, v = inputs((4, 1))
    expected = sageattn(q, k, v)
    assert torch.equal(sageattn(q, k.expand(-1, 4, -1, -1), v.expand(-1, 4, -1, -1)), expected)
    for _ in range(20):
        assert torch.equal(sageattn(q, k, v), expected)


@pytest.mark.parametrize("backend", ["eager", "aot_eager", "inductor"])
@pytest.mark.parametrize("dynamic", [False, None])
def test_compiled_results_are_those_of_eager(backend, dynamic):
    if backend == "inductor":
        pytest.importorskip("triton")
    torch._dynamo.reset()
    compiled = torch.compile(attend, fullgraph=True, backend=backend, dynamic=dynamic)
    for sq, d in ((200, 64), (77, 64), (77, 128)):
        q, k, v = inputs(sq=sq, d=d)
        for result, expected in zip(compiled(q, k, v), attend(q, k, v)):
            torch.testing.assert_close(result, expected, rtol=0, atol=0)


def test_compiled_cuda_graphs():
    pytest.importorskip("triton")
    torch._dynamo.reset()
    compiled = torch.compile(attend, fullgraph=True, mode="reduce-overhead")
    for seed in range(1, 6):  # the first calls warm up and capture, the others replay
        q, k, v = inputs(seed=seed)
        for result, expected in zip(compiled(q, k, v), attend(q, k, v)):
            torch.testing.assert_close(result, expected, rtol=0, atol=0)


def replay_graph(warm):
    """Captures a call, replays it with two other inputs and compares with eager calls."""
    q, k, v = inputs()
    if warm:
        attend(q, k, v)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        out, lse = attend(q, k, v)
    for seed in (2, 3):
        for target, source in zip((q, k, v), inputs(seed=seed)):
            target.copy_(source)
        graph.replay()
        expected = attend(q, k, v)
        assert torch.equal(out, expected[0]) and torch.equal(lse, expected[1])


def test_cuda_graphs_replay_with_new_inputs():
    replay_graph(warm=True)


def test_the_first_call_of_a_process_may_be_captured():
    """Loading the images allocates, which a capture forbids unless the host library says otherwise to the driver."""
    code = "import test_torch_gpu; test_torch_gpu.replay_graph(warm=False)"
    path = os.pathsep.join([os.path.dirname(os.path.abspath(__file__)), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_side_stream_is_kept():
    q, k, v = inputs()
    expected, late = sageattn(q, k, v), torch.zeros_like(q)
    torch.cuda.synchronize()
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        torch.cuda._sleep(200_000_000)  # about 0.1 s: a launch on another stream would read zeros
        late.copy_(q)
        out = sageattn(late, k, v)
    stream.synchronize()
    assert torch.equal(out, expected)


def test_threads():
    q, k, v = inputs()
    expected, failures = sageattn(q, k, v), []

    def work():
        with torch.cuda.stream(torch.cuda.Stream()):
            for _ in range(50):
                if not torch.equal(sageattn(q, k, v), expected):
                    failures.append("a result differs")

    torch.cuda.synchronize()
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_opcheck():
    q, k, v = inputs((4, 2))
    for operator in (torch.ops.sageattention.attention.default, torch.ops.sageattention.attention_lse.default):
        torch.library.opcheck(operator, (q, k, v), {"is_causal": True, "sm_scale": 0.1})


def test_nothing_is_kept():
    q, k, v = inputs()
    sageattn(q, k, v, return_lse=True)
    before = torch.cuda.memory_allocated()
    for _ in range(1000):
        sageattn(q, k, v, return_lse=True)
        with pytest.raises(ValueError):
            sageattn(q, k, v[:, :, 1:])
    assert torch.cuda.memory_allocated() == before


def test_no_keys_and_no_queries():
    q, k, v = inputs()
    out, lse = sageattn(q, k[:, :, :0], v[:, :, :0], return_lse=True)
    assert torch.count_nonzero(out) == 0 and torch.all(lse == -math.inf)
    assert sageattn(q[:, :, :0], k, v).shape == (2, 4, 0, 64)


@pytest.mark.parametrize("change, error, text", [
    (lambda q, k, v: (q.cpu(), k, v), ValueError, "q is on cpu, sageattention computes on CUDA devices"),
    (lambda q, k, v: (q.cpu(), k.cpu(), v.cpu()), ValueError, "q is on cpu, sageattention computes on CUDA devices"),
    (lambda q, k, v: (q, k.cpu(), v), ValueError, "k is on cpu, sageattention computes on CUDA devices"),
    (lambda q, k, v: (q, k, v.bfloat16()), TypeError, "v is torch.bfloat16 and q torch.float16, all must have one dtype"),
    (lambda q, k, v: (q, k[0], v), ValueError,
     "k has 3 dimensions, 4 are needed: batch, heads and tokens in the order of tensor_layout, head_dim"),
])
def test_errors(change, error, text):
    with pytest.raises(error) as raised:
        sageattn(*change(*inputs()))
    assert str(raised.value) == text


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="one GPU")
def test_two_devices():
    expected = sageattn(*inputs())
    on_second = inputs(device="cuda:1")
    assert torch.cuda.current_device() == 0
    stream = torch.cuda.Stream("cuda:1")
    stream.wait_stream(torch.cuda.current_stream("cuda:1"))
    with torch.cuda.stream(stream), torch.cuda.device(0):
        out = sageattn(*on_second)
        assert torch.cuda.current_device() == 0
    stream.synchronize()
    assert out.device.index == 1 and torch.equal(out.cpu(), expected.cpu())
    with pytest.raises(ValueError) as raised:
        sageattn(on_second[0], *inputs()[1:])
    assert str(raised.value) == "k is on cuda:0 and q on cuda:1, all must be on one device"
