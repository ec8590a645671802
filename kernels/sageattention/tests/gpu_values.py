"""What the kernels compute: accuracy over sizes, heads, masks and scales, and what becomes of extreme and non-finite values."""

import math

import torch

import abi
from gpu_support import DEVICE, UNITS, attend, bounds_of, check_accuracy, like, require
from references import exact_attention, make_inputs, relative_error


def test_accuracy(library, record, unit, quick):
    """Sizes, head dims, dtypes, masks, K bias; granularity and memory layout alternate."""
    index = 0
    for sq, sk in [(1, 1), (17, 17), (113, 203), (1023, 1024)]:
        for d in [64, 128] if quick else [64, 128, 40, 80, 96]:
            for dtype in [torch.float16, torch.bfloat16]:
                for causal in [False, True]:
                    for bias in [0.0, 5.0, 20.0]:
                        index += 1
                        q, k, v = make_inputs(index, 2, 4, 2, sq, sk, d, dtype, DEVICE, bias)
                        layout = "NHD" if index % 2 else "HND"
                        q, k, v = (like(x, layout).copy_(x) for x in (q, k, v))
                        granularity = abi.PER_WARP if index % 5 == 0 else abi.PER_THREAD
                        name = (f"{sq}x{sk} d{d} {str(dtype)[6:]} {'causal' if causal else 'full'} bias {bias:g} {layout} "
                                f"{'per warp' if granularity == abi.PER_WARP else 'per thread'}")
                        check_accuracy(library, q, k, v, record, name, causal=causal, granularity=granularity, route=UNITS[unit],
                                       out=like(q, layout))


def test_operands(library, record, unit, quick):
    """The preparation against its definition: codes within half a step, exact V, mean of K, zeros in the padding. That of sm90 has tests of its own
    (gpu_preparation.py)."""
    if unit in ("direct", "sm90"):
        return
    for d in [64, 128, 40]:
        for dtype in [torch.float16, torch.bfloat16]:
            for granularity in [abi.PER_WARP, abi.PER_THREAD]:
                q, k, v = make_inputs(d + granularity, 2, 4, 2, 113, 203, d, dtype, DEVICE, 5.0)
                sm_scale = -0.3
                options = dict(granularity=granularity, sm_scale=sm_scale, route=UNITS[unit], want_lse=True)
                whole = attend(library, q, k, v, **options)
                part = attend(library, q, k, v, only_prepare=True, **options)
                require(torch.equal(whole.workspace, part.workspace), f"d{d}: the preparation alone writes something else")
                require(bool(part.out.isnan().all()), f"d{d}: the preparation alone writes the output")
                o = whole.operands
                q_step = (o.q() - q.double() * sm_scale / math.log(2.0)).abs() / o.q_scale.unsqueeze(-1)
                require(q_step.max().item() <= 0.5001, f"d{d}: q is {q_step.max().item():.4f} steps off")
                mean = o.k_mean[:, :, None, :d].double()
                require((mean - k.double().mean(dim=2, keepdim=True)).abs().max().item() < 1e-5, f"d{d}: mean of k")
                k_step = (o.k() - (k.double() - mean)).abs() / o.k_scale.unsqueeze(-1)
                require(k_step.max().item() <= 0.501, f"d{d}: k is {k_step.max().item():.4f} steps off")
                require(torch.equal(o.v(), v.double()), f"d{d}: v is not exact")
                for scale in (o.q_scale, o.k_scale):
                    require(bool((scale > 0).all()), f"d{d}: a scale is not positive")
                for codes, tokens in ((o.q_codes, 113), (o.k_codes, 203), (o.v_half, 203)):
                    require(not codes[:, :, tokens:].any() and not codes[..., d:].any(), f"d{d}: padding is not zero")


def test_smoothing_matters(library, record, unit, quick):
    if unit == "direct":
        return
    for d in [64, 128]:
        q, k, v = make_inputs(7, 2, 4, 4, 512, 512, d, torch.float16, DEVICE, 5.0)
        exact, _ = exact_attention(q, k, v, d ** -0.5, False)
        smooth = relative_error(attend(library, q, k, v, route=UNITS[unit]).out, exact)
        rough = relative_error(attend(library, q, k, v, route=UNITS[unit], smooth_k=False).out, exact)
        record.append({"case": f"d{d} K bias 5", "smoothed": smooth, "not_smoothed": rough})
        # the rounding of P to e4m3 is in both
        require(rough >= (1.3 if unit == "sm90" else 2) * smooth, f"d{d}: without smoothing {rough:.2e}, with it {smooth:.2e}")
        # ... and the arithmetic after quantisation stays as exact
        check_accuracy(library, q, k, v, record, f"d{d} K bias 5 not smoothed", smooth_k=False, exact=False, route=UNITS[unit])


def test_heads(library, record, unit, quick):
    for heads_q, heads_k in [(6, 1), (6, 2), (6, 3), (1, 1)]:
        q, k, v = make_inputs(heads_k, 2, heads_q, heads_k, 200, 130, 64, torch.float16, DEVICE, 1.0)
        check_accuracy(library, q, k, v, record, f"{heads_q} heads on {heads_k}", route=UNITS[unit])


def test_causal_lengths(library, record, unit, quick):
    """Top-left mask with unequal lengths: rows beyond the last key see all keys."""
    for sq, sk in [(300, 70), (70, 300), (129, 1), (1, 129), (128, 64), (64, 128)]:
        for d in [64, 128]:
            q, k, v = make_inputs(sq, 1, 2, 2, sq, sk, d, torch.float16, DEVICE)
            check_accuracy(library, q, k, v, record, f"causal {sq}x{sk} d{d}", causal=True, route=UNITS[unit])


def test_scales(library, record, unit, quick):
    q, k, v = make_inputs(3, 1, 2, 2, 150, 170, 64, torch.float16, DEVICE)
    check_accuracy(library, q, k, v, record, "sm_scale -0.125", sm_scale=-0.125, route=UNITS[unit])
    check_accuracy(library, q, k, v, record, "sm_scale 0.01", sm_scale=0.01, route=UNITS[unit])
    check_accuracy(library, q, k, v, record, "sm_scale -0.125 causal", sm_scale=-0.125, causal=True, route=UNITS[unit])
    zero = attend(library, q, k, v, sm_scale=0.0, want_lse=True, route=UNITS[unit])
    mean = v.double().mean(dim=2, keepdim=True).expand_as(q)
    require(relative_error(zero.out, mean) <= bounds_of(unit).model[q.dtype], "sm_scale 0 is not the mean of v")
    require((zero.lse - math.log(170)).abs().max().item() < 1e-3, "sm_scale 0: LSE is not log(sk)")


def test_zeros(library, record, unit, quick):
    """Nothing to scale by: all-zero q and k give uniform weights."""
    q, k, v = make_inputs(4, 1, 2, 2, 70, 90, 128, torch.bfloat16, DEVICE)
    out = attend(library, torch.zeros_like(q), torch.zeros_like(k), v, route=UNITS[unit]).out
    require(relative_error(out, v.double().mean(dim=2, keepdim=True).expand_as(q)) <= bounds_of(unit).model[q.dtype], "zeros: not the mean of v")
    out = attend(library, q, k, torch.zeros_like(v), route=UNITS[unit]).out
    require(bool((out == 0).all()), "v = 0: the output is not 0")


def test_large_values(library, record, unit, quick):
    for dtype, values in [(torch.float16, [6e4, 65504.0]), (torch.bfloat16, [1e5, -1e38, 3.3895e38, 1e-38, 1e-40])]:
        for value in values:
            if unit == "sm90" and abs(value) < 2.0**-100:  # the smallest scale of FP8
                continue
            q, k, _ = make_inputs(5, 1, 2, 2, 100, 300, 128, dtype, DEVICE)
            v = torch.full_like(k, value)
            out = attend(library, q, k, v, route=UNITS[unit]).out
            require(relative_error(out, v[:, :, :100]) <= (1e-3 if dtype == torch.float16 else 3e-3),
                    f"constant v of {value:g}: {out.flatten()[:2].tolist()}")
    for scale in [1e30, 1e-30, 1e5]:  # per channel, beyond fp16
        q, k, v = make_inputs(6, 1, 2, 2, 100, 300, 64, torch.bfloat16, DEVICE)
        v = (v.float() * scale * torch.logspace(-3, 3, 64, device=DEVICE)).to(torch.bfloat16)
        check_accuracy(library, q, k, v, record, f"bf16 v around {scale:g}", route=UNITS[unit])
    for scale in [100.0, 3e4, 1e15, 1e30]:  # logits from thousands to beyond fp32: finite, and no weight lost
        dtype = torch.float16 if scale <= 3e4 else torch.bfloat16
        q, k, v = make_inputs(8, 1, 2, 2, 100, 300, 128, torch.float32, DEVICE)
        if dtype == torch.float16:
            scale = min(scale, 1e4)
        q, k, v = (q * scale).to(dtype), (k * scale).to(dtype), v.to(dtype)
        for causal in [False, True]:
            result = attend(library, q, k, v, want_lse=True, causal=causal, route=UNITS[unit])
            require(bool(result.out.isfinite().all()), f"inputs of {scale:g} give a non-finite output")
            require(bool((result.out.abs() <= v.abs().max()).all()), f"inputs of {scale:g} give an output beyond v")
    for scale in [1e-6, 1e-20, 1e-37]:  # tiny logits: uniform weights, no NaN
        q, k, v = make_inputs(9, 1, 2, 2, 100, 300, 128, torch.float32, DEVICE)
        q, k, v = (q * scale).bfloat16(), (k * scale).bfloat16(), v.bfloat16()
        check_accuracy(library, q, k, v, record, f"q and k around {scale:g}", route=UNITS[unit])


def test_nan(library, record, unit, quick):
    """NaN in k reaches its head and no other; in q the rows that share a scale; in v the channel."""
    q, k, v = make_inputs(10, 1, 2, 2, 100, 100, 64, torch.float16, DEVICE)
    bad = k.clone()
    bad[0, 0, 50, 3] = math.nan
    out = attend(library, q, bad, v, route=UNITS[unit]).out
    require(bool(out[0, 0].isnan().all()) and bool(out[0, 1].isfinite().all()), "NaN in k")
    bad = q.clone()
    bad[0, 1, 37, 3] = math.nan
    out = attend(library, bad, k, v, route=UNITS[unit]).out
    rows = out[0, 1].isnan().any(dim=-1).nonzero().flatten().tolist()
    require(rows == ([37] if unit in ("direct", "sm90") else [37, 45, 53, 61]) and bool(out[0, 0].isfinite().all()), f"NaN in q reaches rows {rows}")
    bad = v.clone()
    bad[0, 0, 20, 5] = math.nan
    out = attend(library, q, k, bad, route=UNITS[unit]).out
    require(bool(out[0, 0, :, 5].isnan().all()) and out.isnan().sum().item() == 100, "NaN in v")


def test_empty(library, record, unit, quick):
    q, k, v = make_inputs(11, 2, 2, 2, 5, 7, 64, torch.float16, DEVICE)
    for causal in [False, True]:
        none = attend(library, q, k[:, :, :0], v[:, :, :0], want_lse=True, causal=causal, route=UNITS[unit])
        require(bool((none.out == 0).all()) and bool((none.lse == -math.inf).all()), "no keys: output 0 and LSE -inf are promised")
    require(attend(library, q[:, :, :0], k, v, want_lse=True, route=UNITS[unit]).out.numel() == 0, "no query rows")
    require(attend(library, q[:0], k[:0], v[:0], route=UNITS[unit]).out.numel() == 0, "no batch")


TESTS = [test_accuracy, test_operands, test_smoothing_matters, test_heads, test_causal_lengths, test_scales, test_zeros, test_large_values,
         test_nan, test_empty]
