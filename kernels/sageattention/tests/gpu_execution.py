"""How the kernels run: bit-equal repeats, CUDA graphs, streams, threads, devices."""

import math
import os
import subprocess
import sys
import threading

import torch

import abi
from gpu_support import DEVICE, UNITS, attend, require
from references import make_inputs


def test_repeats(library, record, unit, quick):
    for d in [64, 128]:
        q, k, v = make_inputs(15, 2, 8, 4, 1023, 1024, d, torch.bfloat16, DEVICE, 5.0)
        first = attend(library, q, k, v, want_lse=True, causal=True, route=UNITS[unit])
        for _ in range(20):
            again = attend(library, q, k, v, want_lse=True, causal=True, route=UNITS[unit])
            require(torch.equal(first.out, again.out) and torch.equal(first.lse, again.lse), f"d{d}: repeats differ")


def captured_call(library, unit):
    """Capture before the library has launched anything, then replay on other inputs."""
    q, k, v = make_inputs(16, 1, 4, 2, 200, 300, 128, torch.float16, DEVICE)
    out = torch.empty_like(q)
    request = abi.make_request(q, k, v, out, route=UNITS[unit])
    workspace = torch.empty(library.workspace(request).size, dtype=torch.uint8, device=DEVICE)
    request.workspace, request.workspace_size = workspace.data_ptr(), workspace.numel()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        request.stream = torch.cuda.current_stream().cuda_stream
        library.run(request)
    for seed in [17, 18]:
        for x, fresh in zip((q, k, v), make_inputs(seed, 1, 4, 2, 200, 300, 128, torch.float16, DEVICE)):
            x.copy_(fresh)
        out.fill_(math.nan)
        workspace.fill_(0xff)
        graph.replay()
        torch.cuda.synchronize()
        replayed = out.clone()
        require(torch.equal(replayed, attend(library, q, k, v, route=UNITS[unit]).out), "a replayed graph differs from a direct call")


def test_graphs(library, record, unit, quick):
    captured_call(library, unit)
    child = subprocess.run([sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "gpu_numerics.py"), "--first-call-in-capture", unit],
                           env=dict(os.environ, SAGEATTENTION_LIBRARY=library.path), capture_output=True, text=True)
    require(child.returncode == 0, f"first call inside a capture: {child.stdout[-500:]}{child.stderr[-500:]}")


def test_streams(library, record, unit, quick):
    """The inputs arrive late on a side stream: only a launch on that stream, after them, can be right."""
    q, k, v = make_inputs(19, 1, 4, 4, 256, 256, 64, torch.float16, DEVICE)
    expected = attend(library, q, k, v, route=UNITS[unit]).out
    late = [torch.zeros_like(x) for x in (q, k, v)]
    out = torch.zeros_like(q)
    request = abi.make_request(*late, out, route=UNITS[unit])
    workspace = torch.empty(library.workspace(request).size, dtype=torch.uint8, device=DEVICE)
    request.workspace, request.workspace_size = workspace.data_ptr(), workspace.numel()
    side = torch.cuda.Stream()
    torch.cuda.synchronize()
    with torch.cuda.stream(side):
        torch.cuda._sleep(50_000_000)
        for x, fresh in zip(late, (q, k, v)):
            x.copy_(fresh)
        request.stream = side.cuda_stream
        library.run(request)
    side.synchronize()
    require(torch.equal(out, expected), "a call on a side stream differs")


def test_threads(library, record, unit, quick):
    q, k, v = make_inputs(20, 1, 4, 4, 256, 256, 128, torch.float16, DEVICE)
    expected = attend(library, q, k, v, route=UNITS[unit]).out
    problems = []

    def work():
        try:
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.default_stream())
            with torch.cuda.stream(stream):
                for _ in range(10):
                    require(torch.equal(attend(library, q, k, v, route=UNITS[unit], stream=stream).out, expected), "differs")
        except Exception as problem:  # noqa: BLE001: a thread hands its failure over
            problems.append(problem)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    require(not problems, f"eight threads: {problems[:1]}")


def test_devices(library, record, unit, quick):
    if torch.cuda.device_count() < 2:
        print("skipped: several devices need two GPUs, there is one")
        return
    q, k, v = make_inputs(21, 1, 4, 4, 256, 256, 128, torch.float16, DEVICE)
    expected = attend(library, q, k, v, route=UNITS[unit]).out
    other = [x.to("cuda:1") for x in (q, k, v)]  # the current device stays 0
    result = attend(library, *other, route=UNITS[unit]).out
    torch.cuda.synchronize(1)
    require(torch.equal(result.to(DEVICE), expected), "device 1 differs from device 0")


TESTS = [test_repeats, test_graphs, test_streams, test_threads, test_devices]
