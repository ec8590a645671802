"""Where the operands may stand: any strides and alignments, many heads, offsets beyond 2^31 elements."""

import torch

from gpu_support import DEVICE, UNITS, attend, bounds_of, check_accuracy, require
from references import exact_attention, make_inputs, relative_error


def test_strides(library, record, unit, quick):
    """Views with gaps, odd offsets (no 16-byte alignment) and interleaved q, k, v; nothing around the output is touched."""
    for d in [64, 80, 33]:
        for dtype in [torch.float16, torch.bfloat16]:
            packed = torch.randn(2, 150, 3, 4, d, generator=torch.Generator(device="cpu").manual_seed(d)).to(dtype).to(DEVICE)
            q, k, v = (packed[:, :, i].transpose(1, 2) for i in range(3))
            room = torch.full((2, 4, 155, d + 7), 5.0, dtype=dtype, device=DEVICE)
            out = room[:, :, 2:152, 3:3 + d]
            check_accuracy(library, q, k, v, record, f"interleaved d{d} {str(dtype)[6:]}", out=out, route=UNITS[unit])
            out.fill_(5.0)
            require(bool((room == 5.0).all()), f"d{d}: a kernel wrote beside the output")
            wide = torch.randn(2, 4, 150, d + 1, generator=torch.Generator(device="cpu").manual_seed(d)).to(dtype).to(DEVICE)
            q, k, v = wide[..., 1:], wide[:, :, ::2, :d], wide[:, :, 1::2, :d]
            check_accuracy(library, q, k, v, record, f"odd offsets d{d} {str(dtype)[6:]}", route=UNITS[unit])
    # expanded heads: stride 0
    q, k, v = make_inputs(12, 1, 4, 1, 60, 60, 64, torch.float16, DEVICE)
    check_accuracy(library, q, k.expand(1, 4, 60, 64), v.expand(1, 4, 60, 64), record, "expanded heads", route=UNITS[unit])


def test_many_heads(library, record, unit, quick):
    q, k, v = make_inputs(13, 1100, 60, 60, 3, 5, 64, torch.float16, DEVICE)
    check_accuracy(library, q, k, v, record, "66000 heads", route=UNITS[unit])


def free_bytes():
    torch.cuda.empty_cache()
    return torch.cuda.mem_get_info()[0]


def test_far_offsets(library, record, unit, quick):
    """Elements beyond 2^31 of the inputs, the output and the workspace."""
    if free_bytes() < 60 << 30:
        print(f"skipped: offsets beyond 2^31 need 60 GiB of GPU memory, {free_bytes() >> 30} are free")
        return
    stride = 1 << 22
    q, k, v = make_inputs(14, 1, 1, 1, 600, 600, 64, torch.float16, DEVICE)
    far = torch.empty(600 * stride, dtype=torch.float16, device=DEVICE)

    def view(offset):
        return far.as_strided((1, 1, 600, 64), (600 * stride, 600 * stride, stride, 1), offset)

    out = view(192)
    views = [view(64 * i).copy_(x) for i, x in enumerate((q, k, v))]
    result = attend(library, *views, out=out, route=UNITS[unit])
    near = attend(library, q, k, v, route=UNITS[unit])
    require(torch.equal(result.out, near.out), "token stride 2^22: differs from the contiguous call")
    del far, out, views, result
    heads, keys = 65, 1 << 18
    k = torch.randn(1, heads, keys, 128, dtype=torch.float16, device=DEVICE)
    v = torch.randn(1, heads, keys, 128, dtype=torch.float16, device=DEVICE)
    q = torch.randn(1, heads, 40, 128, dtype=torch.float16, device=DEVICE)
    result = attend(library, q, k, v, route=UNITS[unit])
    exact, _ = exact_attention(q[:, -1:], k[:, -1:], v[:, -1:], 128 ** -0.5, False)
    error = relative_error(result.out[:, -1:], exact)
    record.append({"case": "head 64 of 65 with 262144 keys", "exact": error})
    require(error <= bounds_of(unit).exact, f"2^31 elements in the workspace: {error:.2e}")


TESTS = [test_strides, test_many_heads, test_far_offsets]
