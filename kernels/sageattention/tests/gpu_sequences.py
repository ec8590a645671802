"""Packed sequences of different lengths against float64, one sequence at a time."""

import math

import torch

from gpu_support import DEVICE, UNITS, attend, require
from references import exact_attention, make_inputs, relative_error


def offsets_of(lengths):
    return torch.tensor([0, *lengths], dtype=torch.int32).cumsum(0, dtype=torch.int32).to(DEVICE)


def pack(lengths_q, lengths_k, heads_q, heads_k, d, dtype, seed, bias=5.0):
    """q, k, v [1, heads, all tokens, d]; every sequence has a bias of K of its own, which only a mean per sequence removes."""
    q, _, _ = make_inputs(seed, 1, heads_q, heads_q, sum(lengths_q), 1, d, dtype, DEVICE)
    _, k, v = make_inputs(seed + 1, 1, heads_k, heads_k, 1, sum(lengths_k), d, torch.float32, DEVICE)
    generator = torch.Generator(device="cpu").manual_seed(seed)
    begin = 0
    for length in lengths_k:
        k[:, :, begin:begin + length] += bias * torch.randn(1, heads_k, 1, d, generator=generator).to(DEVICE)
        begin += length
    return q, k.to(dtype), v.to(dtype)


def check_sequences(library, record, unit, lengths_q, lengths_k, d, dtype, causal, seed):
    q, k, v = pack(lengths_q, lengths_k, 4, 2, d, dtype, seed)
    cu_seqlens = offsets_of(lengths_q), offsets_of(lengths_k)
    name = f"{len(lengths_q)} sequences d{d} {str(dtype)[6:]} {'causal' if causal else 'full'}"
    result = attend(library, q, k, v, want_lse=True, causal=causal, route=UNITS[unit], cu_seqlens=cu_seqlens)
    exact, exact_lse = torch.zeros_like(q, dtype=torch.float64), torch.zeros(q.shape[:3], dtype=torch.float64, device=DEVICE)
    q_begin = k_begin = 0
    for q_length, k_length in zip(lengths_q, lengths_k):
        rows, keys = slice(q_begin, q_begin + q_length), slice(k_begin, k_begin + k_length)
        if q_length > 0:
            exact[:, :, rows], exact_lse[:, :, rows] = exact_attention(q[:, :, rows], k[:, :, keys], v[:, :, keys], d ** -0.5, causal)
        q_begin, k_begin = q_begin + q_length, k_begin + k_length
    seen = exact_lse.isfinite()
    entry = {"case": name, "exact": relative_error(result.out, exact),
             "lse_exact": (result.lse.double()[seen] - exact_lse[seen]).square().mean().sqrt().item()}
    record.append(entry)
    require(entry["exact"] <= 0.02, f"{name}: {entry['exact']:.2e} to exact float64")
    require(entry["lse_exact"] <= 0.03, f"{name}: LSE {entry['lse_exact']:.2e}")
    require(bool((result.lse[~seen] == -math.inf).all()), f"{name}: LSE of sequences without keys")


def test_sequences(library, record, unit, quick):
    cases = [([1], [1]), ([128, 128], [64, 64]), ([5, 127, 128, 129, 1], [64, 63, 65, 200, 1]), ([300], [700]), ([0, 40, 0], [10, 33, 7]),
             ([20, 30, 10], [0, 50, 0]), ([256] * 40, [256] * 40), ([3] * 100, [77] * 100), ([1000, 1, 1], [1, 1500, 2])]
    index = 0
    for lengths_q, lengths_k in cases:
        for causal in [False, True]:
            index += 1
            d, dtype = [64, 128, 80][index % 3], [torch.float16, torch.bfloat16][index % 2]
            check_sequences(library, record, unit, lengths_q, lengths_k, d, dtype, causal, index)


def test_sequences_with_gaps(library, record, unit, quick):
    """Strides, tokens outside the sequences, and offsets that no caller should pass: nothing outside is touched."""
    q, k, v = pack([200], [200], 4, 2, 64, torch.float16, 7)
    wide = torch.full((1, 200, 4, 72), 5.0, dtype=torch.float16, device=DEVICE)
    inner = slice(30, 150)
    offsets = torch.tensor([30, 150], dtype=torch.int32, device=DEVICE)
    out = wide[..., 4:68].transpose(1, 2)
    result = attend(library, q, k, v, out=out, route=UNITS[unit], cu_seqlens=(offsets, offsets))
    exact, _ = exact_attention(q[:, :, inner], k[:, :, inner], v[:, :, inner], 64 ** -0.5, False)
    require(relative_error(result.out[:, :, inner], exact) <= 0.02, "a sequence in the middle")
    require(bool(result.out[:, :, :30].isnan().all()) and bool(result.out[:, :, 150:].isnan().all()), "queries outside were written")
    wide[..., 4:68] = 5.0
    require(bool((wide == 5.0).all()), "a kernel wrote beside the output")
    for wrong in ([0, 100, 50, 200], [-5, 300, 1 << 30, 2], [0, 0, 0, 0]):
        offsets = torch.tensor(wrong, dtype=torch.int32, device=DEVICE)
        attend(library, q, k, v, route=UNITS[unit], cu_seqlens=(offsets, offsets))
    torch.cuda.synchronize()


TESTS = [test_sequences, test_sequences_with_gaps]
