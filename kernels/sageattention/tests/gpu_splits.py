"""Few query rows over many keys, and few keys: keys divided among thread blocks, query heads that share the rows of a tile."""

import math

import torch

import abi
from gpu_support import DEVICE, UNITS, attend, bounds_of, check_accuracy, like, require
from references import exact_attention, make_inputs, relative_error

# batch, heads of q, heads of k, queries, keys, head dim: one and several tiles of rows, odd ends, more splits than a warp has lanes
SHAPES = [(1, 4, 1, 1, 32768, 128), (1, 4, 4, 1, 8191, 128), (2, 8, 1, 2, 5000, 64), (1, 32, 2, 1, 4097, 128), (1, 12, 4, 7, 3333, 72),
          (2, 2, 1, 100, 2049, 64), (1, 6, 2, 33, 1000, 40), (1, 1, 1, 193, 9000, 128), (3, 5, 5, 17, 777, 96), (1, 40, 8, 3, 64, 64)]
# Few keys, which stay in shared memory: odd ends of keys and rows, tiles of rows that several thread blocks divide
SHAPES += [(2, 3, 3, 1000, 77, 128), (1, 10, 10, 4096, 77, 64), (1, 6, 2, 333, 128, 72), (2, 2, 1, 65, 1, 64), (1, 4, 2, 200, 33, 40)]


def test_splits(library, record, unit, quick):
    for index, (b, heads_q, heads_k, sq, sk, d) in enumerate(SHAPES):
        for dtype in (torch.float16, torch.bfloat16):
            for causal in (False, True):
                q, k, v = make_inputs(index, b, heads_q, heads_k, sq, sk, d, dtype, DEVICE, 1.0)
                q, k, v = (like(x, "NHD").copy_(x) for x in (q, k, v))
                check_accuracy(library, q, k, v, record, f"{b}x{heads_q}/{heads_k}x{sq}x{sk}x{d} {str(dtype)[6:]} causal {causal}", causal=causal,
                               route=UNITS[unit], out=like(q, "NHD"))


def test_split_values(library, record, unit, quick):
    """Large, tiny and non-finite values where the keys are divided: another part of them each time."""
    q, k, _ = make_inputs(31, 1, 4, 2, 3, 4000, 128, torch.bfloat16, DEVICE)
    for value in (1e5, -1e38, 3.3895e38, 1e-20):
        v = torch.full_like(k, value)
        out = attend(library, q, k, v, route=UNITS[unit]).out
        require(relative_error(out, torch.full_like(q, value)) <= 3e-3, f"constant v of {value:g}: {out.flatten()[:2].tolist()}")
    v = torch.randn_like(k)
    for scale in (1e4, 1e15, 1e30):
        result = attend(library, (q.float() * scale).bfloat16(), (k.float() * scale).bfloat16(), v, want_lse=True, route=UNITS[unit])
        require(bool(result.out.isfinite().all()) and bool((result.out.abs() <= v.abs().max()).all()), f"inputs of {scale:g}")
    # one key far ahead of the others, in each of several places
    for key in (0, 63, 64, 2047, 3999):
        sharp = k.clone()
        sharp[:, :, key] = q[:, ::2, 0] * 100
        exact, exact_lse = exact_attention(q, sharp, v, 128**-0.5, False)
        result = attend(library, q, sharp, v, want_lse=True, route=UNITS[unit])
        error = relative_error(result.out, exact)
        record.append({"case": f"key {key} ahead bfloat16 ", "exact": error})
        require(error <= bounds_of(unit).exact, f"key {key} ahead: {error:.2e}")
    for key in (5, 3999):
        bad = v.clone()
        bad[0, 0, key, 7] = math.nan
        out = attend(library, q, k, bad, route=UNITS[unit]).out
        require(bool(out[0, :2, :, 7].isnan().all()) and out.isnan().sum().item() == 2 * 3, f"NaN in v at key {key}")


def test_split_repeats(library, record, unit, quick):
    for b, heads_q, heads_k, sq, sk, d in SHAPES[:6]:
        q, k, v = make_inputs(32, b, heads_q, heads_k, sq, sk, d, torch.bfloat16, DEVICE)
        first = attend(library, q, k, v, want_lse=True, route=UNITS[unit])
        for _ in range(10):
            again = attend(library, q, k, v, want_lse=True, route=UNITS[unit])
            require(torch.equal(first.out, again.out) and torch.equal(first.lse, again.lse), f"{sq}x{sk} d{d}: repeats differ")


def test_split_graph(library, record, unit, quick):
    """A graph holds both launches and no state: replays on other inputs equal direct calls."""
    q, k, v = make_inputs(33, 1, 8, 2, 1, 6000, 128, torch.bfloat16, DEVICE)
    out = torch.empty_like(q)
    request = abi.make_request(q, k, v, out, route=UNITS[unit])
    workspace = torch.empty(library.workspace(request).size, dtype=torch.uint8, device=DEVICE)
    request.workspace, request.workspace_size = workspace.data_ptr(), workspace.numel()
    graph = torch.cuda.CUDAGraph()
    attend(library, q, k, v, route=UNITS[unit])
    torch.cuda.synchronize()
    with torch.cuda.graph(graph):
        request.stream = torch.cuda.current_stream().cuda_stream
        library.run(request)
    for seed in (34, 35):
        for x, fresh in zip((q, k, v), make_inputs(seed, 1, 8, 2, 1, 6000, 128, torch.bfloat16, DEVICE)):
            x.copy_(fresh)
        out.fill_(math.nan)
        workspace.fill_(0xff)
        graph.replay()
        torch.cuda.synchronize()
        replayed = out.clone()
        require(torch.equal(replayed, attend(library, q, k, v, route=UNITS[unit]).out), "a replayed graph differs from a direct call")


TESTS = [test_splits, test_split_values, test_split_repeats, test_split_graph]
