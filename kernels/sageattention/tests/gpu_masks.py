"""Attention masks: every dtype and broadcast, rows without keys, values at the end of their range."""

import math

import torch

from gpu_support import DEVICE, UNITS, attend, check_accuracy, require
from references import exact_attention, make_inputs, relative_error

SHAPES = [(2, 4, 150, 203), (1, 4, 150, 203), (2, 1, 150, 203), (1, 1, 150, 203), (2, 1, 1, 203), (1, 1, 1, 203), (1, 1, 150, 1)]


def make_mask(shape, dtype, seed):
    """Half of the keys hidden, or values around 0 with some of them -inf. The first key stays, so that no row is empty."""
    generator = torch.Generator(device="cpu").manual_seed(seed)
    hidden = torch.rand(shape, generator=generator) < 0.5
    hidden[..., 0] = False
    if dtype == torch.bool:
        return (~hidden).to(DEVICE)
    return torch.randn(shape, generator=generator).masked_fill(hidden, -math.inf).to(dtype).to(DEVICE)


def test_masks(library, record, unit, quick):
    index = 0
    for shape in SHAPES:
        for mask_dtype in [torch.bool, torch.float16, torch.bfloat16, torch.float32]:
            index += 1
            d, dtype = [64, 128, 96][index % 3], [torch.float16, torch.bfloat16][index % 2]
            q, k, v = make_inputs(index, 2, 4, 2, 150, 203, d, dtype, DEVICE, 5.0)
            mask = make_mask(shape, mask_dtype, index)
            name = f"mask {list(shape)} {str(mask_dtype)[6:]}, d{d} {str(dtype)[6:]} "
            compared = mask.expand(2, 4, 150, 203)
            check_mask(library, q, k, v, mask, compared, record, name, causal=index % 4 == 0, route=UNITS[unit])


def check_mask(library, q, k, v, mask, compared, record, name, *, causal, **options):
    """The kernel reads the mask as it is; the reference takes it expanded."""
    result = attend(library, q, k, v, mask=mask, causal=causal, want_lse=True, **options)
    exact, exact_lse = exact_attention(q, k, v, q.shape[-1] ** -0.5, causal, compared)
    entry = {"case": name, "exact": relative_error(result.out, exact)}
    lse, seen = result.lse.double(), exact_lse.isfinite()
    entry["lse_exact"] = (lse[seen] - exact_lse[seen]).square().mean().sqrt().item()
    record.append(entry)
    # fewer keys average fewer errors: twice the bound of full attention
    require(entry["exact"] <= 0.03, f"{name}: {entry['exact']:.2e} to exact float64")
    require(entry["lse_exact"] <= 0.03, f"{name}: LSE {entry['lse_exact']:.2e}")
    require(bool((lse[~seen] == -math.inf).all()), f"{name}: LSE of rows without keys")


def test_mask_against_the_model(library, record, unit, quick):
    """The same quantised operands in float64: the mask adds no error of its own."""
    for d in [64, 128]:
        for mask_dtype in [torch.bool, torch.float32]:
            q, k, v = make_inputs(d, 2, 4, 2, 150, 203, d, torch.float16, DEVICE)
            mask = make_mask((2, 4, 150, 203), mask_dtype, d)
            check_accuracy(library, q, k, v, record, f"model d{d} {mask_dtype}", mask=mask, exact=False, route=UNITS[unit])


def test_mask_strides(library, record, unit, quick):
    q, k, v = make_inputs(3, 2, 4, 2, 150, 203, 64, torch.float16, DEVICE)
    mask = make_mask((2, 4, 150, 203), torch.bool, 3)
    expected = attend(library, q, k, v, mask=mask, route=UNITS[unit]).out
    transposed = mask.permute(3, 2, 1, 0).contiguous().permute(3, 2, 1, 0)
    strided = torch.zeros(2, 4, 301, 407, dtype=torch.bool, device=DEVICE)[:, :, 1::2, 1::2].copy_(mask)
    for view in (transposed, strided):
        require(torch.equal(attend(library, q, k, v, mask=view, route=UNITS[unit]).out, expected), "the strides of a mask change the result")
    floats = torch.zeros(mask.shape, device=DEVICE).masked_fill(~mask, -math.inf)
    require(torch.equal(attend(library, q, k, v, mask=floats, route=UNITS[unit]).out, expected), "0 and -inf differ from true and false")


def test_rows_without_keys(library, record, unit, quick):
    """Rows and whole tiles without keys, before and between those that have some."""
    for d in [64, 128]:
        q, k, v = make_inputs(4, 1, 2, 2, 200, 300, d, torch.bfloat16, DEVICE)
        mask = torch.ones(1, 1, 200, 300, dtype=torch.bool, device=DEVICE)
        mask[..., :150] = False  # the first tiles are hidden from all
        mask[:, :, 5:9] = False
        mask[:, :, 64:130] = False
        mask[:, :, 150:160, :290] = False
        check_mask(library, q, k, v, mask, mask, record, f"rows without keys d{d}", causal=False, route=UNITS[unit])
        out = attend(library, q, k, v, mask=mask, route=UNITS[unit]).out
        require(not out[:, :, 64:130].any() and not out[:, :, 5:9].any(), "a row without keys is not 0")
        none = attend(library, q, k, v, mask=torch.zeros(1, 1, 1, 1, dtype=torch.bool, device=DEVICE), want_lse=True, route=UNITS[unit])
        require(not none.out.any() and bool((none.lse == -math.inf).all()), "no key at all: output 0 and LSE -inf are promised")


def test_mask_values(library, record, unit, quick):
    """The lowest number of a dtype in place of -inf, as many models write it; rows that hold nothing else are averages."""
    q, k, v = make_inputs(6, 1, 2, 2, 100, 203, 64, torch.bfloat16, DEVICE)
    for dtype in [torch.float16, torch.bfloat16, torch.float32]:
        mask = torch.zeros(1, 1, 100, 203, dtype=dtype, device=DEVICE)
        mask[..., 100:] = torch.finfo(dtype).min
        check_mask(library, q, k, v, mask, mask, record, f"lowest {dtype}", causal=False, route=UNITS[unit])
    mask = torch.full((1, 1, 1, 203), torch.finfo(torch.float32).min, device=DEVICE)
    out = attend(library, q, k, v, mask=mask, route=UNITS[unit]).out
    require(relative_error(out, v.double().mean(dim=2, keepdim=True).expand_as(out)) <= 4e-3, "a row of lowest values is not the average")
    causal = attend(library, q, k, v, mask=mask, causal=True, route=UNITS[unit]).out
    counts = torch.arange(1, 101, device=DEVICE)[:, None]
    require(relative_error(causal, v.double()[:, :, :100].cumsum(2) / counts) <= 4e-3, "lowest values bring back keys that causality hides")
    mask = torch.zeros(1, 1, 100, 203, device=DEVICE)
    mask[0, 0, 7, 3] = math.nan
    out = attend(library, q, k, v, mask=mask, route=UNITS[unit]).out
    rows = out.isnan().any(dim=-1)[0, 0].nonzero().flatten().tolist()
    require(rows == [7], f"NaN in row 7 of the mask reaches rows {rows}")


def test_wide_and_short(library, record, unit, quick):
    """One query over many keys, one key under many queries."""
    for sq, sk in [(1, 3000), (3000, 1), (5, 1), (1, 1), (130, 65)]:
        for d in [64, 128]:
            q, k, v = make_inputs(sq + d, 2, 4, 1, sq, sk, d, torch.float16, DEVICE, 5.0)
            mask = make_mask((2, 1, 1, sk), torch.bool, sk)
            check_mask(library, q, k, v, mask, mask.expand(2, 4, sq, sk), record, f"{sq}x{sk} d{d} masked", causal=False, route=UNITS[unit])


TESTS = [test_masks, test_mask_against_the_model, test_mask_strides, test_rows_without_keys, test_mask_values, test_wide_and_short]
