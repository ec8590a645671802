"""The names below the API that programs look for in sageattention.core: the quantising helpers on the CPU, the kernels on a GPU."""

import os
import sys

import pytest
import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from references import exact_attention, make_inputs, relative_error  # noqa: E402

from sageattention import core  # noqa: E402

NEEDS_GPU = pytest.mark.skipif("SAGE_FAKE_GPUS" in os.environ or not torch.cuda.is_available(), reason="no CUDA GPU")
LOG2_E = 1.4426950408889634


def swap(tensor):
    return tensor.transpose(1, 2)


def inputs(sq=200, sk=300, d=64, device="cpu"):
    return make_inputs(5, 2, 4, 2, sq, sk, d, torch.float16, device, 3.0)


def decode(codes, scales, index):
    """The tensor that [batch, heads, tokens, head_dim] codes and the scale of each token stand for."""
    return codes.double() * scales.double()[:, :, index].unsqueeze(-1)


def half_a_step(codes, scales, index, tensor):
    off = (decode(codes, scales, index) - tensor.double()).abs() / scales.double()[:, :, index].unsqueeze(-1)
    return off.max().item() <= 0.501 and codes.abs().max().item() == 127


@pytest.mark.parametrize("blocks", [dict(), dict(BLKQ=64, WARPQ=16, BLKK=128, WARPK=128)])
def test_per_thread_codes(blocks):
    q, k, _ = inputs()
    km = k.mean(dim=2, keepdim=True)
    q8, qs, k8, ks = core.per_thread_int8_triton(q, k, km, **blocks)
    warp, key_block = blocks.get("WARPQ", 32), blocks.get("BLKK", 64)
    rows, keys = torch.arange(200), torch.arange(300)
    q_block = blocks.get("BLKQ", 128)
    assert qs.shape == (2, 4, -(-200 // q_block) * (q_block // warp) * 8) and ks.shape == (2, 2, -(-300 // key_block) * 4)
    assert half_a_step(q8, qs, rows // warp * 8 + rows % 8, q)
    assert half_a_step(k8, ks, keys // key_block * 4 + keys % 8 // 2, k.double() - km.double())
    swapped = core.per_thread_int8_triton(swap(q), swap(k), swap(km), tensor_layout="NHD", **blocks)
    for got, expected in zip(swapped, (swap(q8), qs, swap(k8), ks)):
        assert torch.equal(got, expected) and got.is_contiguous()


def test_per_warp_and_per_block_codes():
    q, k, _ = inputs()
    rows, keys = torch.arange(200), torch.arange(300)
    q8, qs, k8, ks = core.per_warp_int8_cuda(q, k)
    assert qs.shape == (2, 4, 8) and ks.shape == (2, 2, 5)
    assert half_a_step(q8, qs, rows // 32, q) and half_a_step(k8, ks, keys // 64, k)
    q8, qs, k8, ks = core.per_block_int8_triton(q, k, sm_scale=0.5)
    assert qs.shape == (2, 4, 2) and ks.shape == (2, 2, 5)
    assert half_a_step(q8, qs / (0.5 * LOG2_E), rows // 128, q) and half_a_step(k8, ks, keys // 64, k)


@pytest.mark.parametrize("smooth", [False, True])
def test_values_in_fp8(smooth):
    _, _, v = inputs()
    v8, scale, mean = core.per_channel_fp8(v, scale_max=2.25, smooth_v=smooth)
    assert v8.shape == (2, 2, 64, 320) and v8.dtype == torch.float8_e4m3fn and scale.shape == (2, 2, 64)
    order = torch.tensor([0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15])
    natural = torch.empty(2, 2, 64, 20, 16, dtype=torch.float64)
    natural[..., order] = v8.double().unflatten(3, (20, 16))
    rows = swap(natural.flatten(3).permute(0, 2, 1, 3)).transpose(2, 3)
    assert rows.abs().max() <= 2.25 and not rows[:, :, 300:].any()
    restored = rows[:, :, :300] * scale[:, :, None].double() + (mean[:, :, None].double() if smooth else 0)
    assert relative_error(restored, v) < 0.04 and (mean is None) == (not smooth)
    again, _, _ = core.per_channel_fp8(swap(v), "NHD", 2.25, smooth)
    assert torch.equal(swap(again).view(torch.uint8), v8.view(torch.uint8))


def test_names():
    assert hasattr(core._qattn_sm80, "qk_int8_sv_f16_accum_f32_attn")
    for name in ("accum_f32_fuse_v_scale_attn_inst_buf", "accum_f16_fuse_v_scale_attn_inst_buf", "accum_f32_fuse_v_scale_attn"):
        assert hasattr(core._qattn_sm89, f"qk_int8_sv_f8_{name}")
    assert hasattr(core._qattn_sm90, "qk_int8_sv_f8_accum_f32_fuse_v_scale_attn_inst_buf")
    assert core.get_cuda_arch_versions() == ["sm{}{}".format(*torch.cuda.get_device_capability(i)) for i in range(torch.cuda.device_count())]


def attend(architecture, granularity, q, k, v, layout, causal, sm_scale):
    """A call as programs make it: quantise, allocate, attend, add the mean of V."""
    name = "NHD" if layout == 0 else "HND"
    km = k.mean(dim=1 if layout == 0 else 2, keepdim=True)
    if architecture == "sm90":
        blocks = dict(BLKQ=64, WARPQ=16, BLKK=128)
    else:
        blocks = dict(BLKQ=128, WARPQ=32, BLKK=64)
    if granularity == 3:
        q8, qs, k8, ks = core.per_thread_int8_triton(q, k, km, tensor_layout=name, WARPK=blocks["BLKK"], **blocks)
    else:
        q8, qs, k8, ks = core.per_warp_int8_cuda(q, k, km, tensor_layout=name, **blocks)
    out, arguments = torch.full_like(q, float("nan")), (layout, int(causal), granularity, sm_scale, 1)
    if architecture == "sm80":
        lse = core._qattn_sm80.qk_int8_sv_f16_accum_f32_attn(q8, k8, v.half(), out, qs, ks, *arguments)
        return out, lse, km
    v8, vs, _ = core.per_channel_fp8(v, name, smooth_v=False)
    module = core._qattn_sm90 if architecture == "sm90" else core._qattn_sm89
    return out, module.qk_int8_sv_f8_accum_f32_fuse_v_scale_attn_inst_buf(q8, k8, v8, out, qs, ks, vs, *arguments), km


@NEEDS_GPU
@pytest.mark.parametrize("architecture, bound", [("sm80", 0.016), ("sm89", 0.045), ("sm90", 0.045)])
@pytest.mark.parametrize("granularity", [2, 3])
@pytest.mark.parametrize("layout", [0, 1])
@pytest.mark.parametrize("sq, sk, d, causal, sm_scale", [(200, 300, 64, False, 0.125), (130, 130, 128, True, 0.1), (64, 77, 96, False, -0.1)])
def test_kernels(architecture, bound, granularity, layout, sq, sk, d, causal, sm_scale):
    q, k, v = inputs(sq, sk, d, "cuda")
    exact, exact_lse = exact_attention(q, k, v, sm_scale, causal)
    given = (q, k, v) if layout == 1 else tuple(swap(x).contiguous() for x in (q, k, v))
    out, lse, km = attend(architecture, granularity, *given, layout, causal, sm_scale)
    assert relative_error(out if layout == 1 else swap(out), exact) <= bound
    mean = (km if layout == 1 else swap(km)).double().repeat_interleave(2, dim=1)
    natural = lse.double() / LOG2_E + (q.double() @ mean.transpose(2, 3)).squeeze(-1) * sm_scale
    assert (natural - exact_lse).square().mean().sqrt() <= 0.03


@NEEDS_GPU
@pytest.mark.parametrize("masked", [False, True])
def test_attn_false(masked):
    q, k, v = inputs(device="cuda")
    km = k.mean(dim=2, keepdim=True)
    q8, qs, k8, ks = core.per_block_int8_triton(q, k, km, sm_scale=0.2)
    mask = (torch.arange(300, device="cuda") % 4 > 0).expand(2, 1, 200, 300) if masked else None
    out, lse = core.attn_false(q8, k8, v, qs, ks, tensor_layout="HND", output_dtype=torch.bfloat16, attn_mask=mask, return_lse=True)
    exact, _ = exact_attention(q, k, v, 0.2, False, None if mask is None else mask.expand(2, 4, 200, 300))
    assert out.dtype == torch.bfloat16 and relative_error(out, exact) <= 0.02 and lse.shape == (2, 4, 200)


@NEEDS_GPU
def test_wrong_scales_are_refused():
    q, k, v = inputs(device="cuda")
    q8, qs, k8, ks = core.per_warp_int8_cuda(q, k)
    with pytest.raises(ValueError, match=r"^q_scale is torch.float32 \[2, 4, 8\], torch.float32 \[2, 4, 64\] is needed: "):
        core._qattn_sm80.qk_int8_sv_f16_accum_f32_attn(q8, k8, v, torch.empty_like(q), qs, ks, 1, 0, 3, 0.1, 0)
