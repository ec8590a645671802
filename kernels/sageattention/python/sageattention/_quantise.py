"""The quantising helpers of sageattention.core that programs call by name, with the same shapes and meaning of scales, in torch.

The functions of this package do not use them: their kernels quantise themselves. Groups are those of arXiv 2411.10958, section 3.2; the
codes are rounded to nearest even. Layouts: "HND" [batch, heads, tokens, head_dim], "NHD" [batch, tokens, heads, head_dim]; scales are
float32 [batch, heads, groups] in either.
"""

import torch

from . import _arguments

LOG2_E = 1.4426950408889634
FLOOR = 2.0 ** -100  # of the largest magnitude of a group: keeps 127 / amax finite

# Token slots of V transposed, per 16: the order in which the accumulators of QK^T hold the keys of a lane.
V_ORDER = (0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15)


def as_hnd(tensor, tensor_layout):
    layout = _arguments.choose("tensor_layout", tensor_layout, _arguments.LAYOUTS)
    return tensor if layout == _arguments.LAYOUTS["HND"] else tensor.transpose(1, 2)


def quantise(tensor, block, groups, tensor_layout):
    """INT8 codes like `tensor`, and scales [batch, heads, blocks * groups]. `groups`: the group of each token of a block."""
    rows = as_hnd(tensor, tensor_layout).float()
    batch, heads, tokens, channels = rows.shape
    blocks = (tokens + block - 1) // block
    padded = torch.nn.functional.pad(rows, (0, 0, 0, blocks * block - tokens)).view(batch, heads, blocks, block, channels)
    count = max(groups) + 1
    index = torch.tensor(groups, device=tensor.device)
    largest = padded.abs().amax(dim=-1)
    scales = torch.zeros(batch, heads, blocks, count, device=tensor.device)
    scales = scales.scatter_reduce(3, index.expand_as(largest), largest, "amax").clamp_min(FLOOR) / 127
    codes = torch.round(padded / scales[..., index].unsqueeze(-1)).clamp(-127, 127).to(torch.int8)
    codes = as_hnd(codes.view(batch, heads, -1, channels)[:, :, :tokens], tensor_layout).contiguous()
    return codes, scales.flatten(2)


def minus_mean(k, km):
    return k if km is None else k.float() - km.float()


def thread_groups(block, warp, per_warp, group_of):
    return [row // warp * per_warp + group_of(row) for row in range(block)]


def per_thread_int8_triton(q, k, km=None, BLKQ=128, WARPQ=32, BLKK=64, WARPK=64, sm_scale=None, tensor_layout="HND"):
    """q_int8, q_scale, k_int8, k_scale: 8 scales per WARPQ queries (equal query mod 8), 4 per WARPK keys (equal key mod 8 div 2). sm_scale
    is not part of the scales."""
    q_int8, q_scale = quantise(q, BLKQ, thread_groups(BLKQ, WARPQ, 8, lambda row: row % 8), tensor_layout)
    k_int8, k_scale = quantise(minus_mean(k, km), BLKK, thread_groups(BLKK, WARPK, 4, lambda row: row % 8 // 2), tensor_layout)
    return q_int8, q_scale, k_int8, k_scale


def per_warp_int8_cuda(q, k, km=None, BLKQ=128, WARPQ=32, BLKK=64, tensor_layout="HND"):
    """q_int8, q_scale, k_int8, k_scale: a scale per WARPQ queries and per BLKK keys."""
    q_int8, q_scale = quantise(q, BLKQ, thread_groups(BLKQ, WARPQ, 1, lambda row: 0), tensor_layout)
    k_int8, k_scale = quantise(minus_mean(k, km), BLKK, [0] * BLKK, tensor_layout)
    return q_int8, q_scale, k_int8, k_scale


def per_block_int8_triton(q, k, km=None, BLKQ=128, BLKK=64, sm_scale=None, tensor_layout="HND"):
    """q_int8, q_scale, k_int8, k_scale: a scale per BLKQ queries and per BLKK keys; q_scale holds sm_scale * log2(e)."""
    factor = (q.shape[-1] ** -0.5 if sm_scale is None else sm_scale) * LOG2_E
    q_int8, q_scale = quantise(q, BLKQ, [0] * BLKQ, tensor_layout)
    k_int8, k_scale = quantise(minus_mean(k, km), BLKK, [0] * BLKK, tensor_layout)
    return q_int8, q_scale * factor, k_int8, k_scale


def per_channel_fp8(v, tensor_layout="HND", scale_max=448.0, smooth_v=True):
    """v_fp8, v_scale, v_mean: e4m3, transposed to [batch, heads, head_dim, tokens] ("NHD": [batch, head_dim, heads, tokens]), tokens padded
    to 64 with zeros and in the order of V_ORDER; a scale per channel, float32 [batch, heads, head_dim]; the mean likewise, or None."""
    rows = as_hnd(v, tensor_layout).float()
    mean = rows.mean(dim=2) if smooth_v else None
    if smooth_v:
        rows = rows - mean.unsqueeze(2)
    scale = rows.abs().amax(dim=2).clamp_min(FLOOR) / scale_max
    tokens = rows.shape[2]
    padded = torch.nn.functional.pad(rows / scale.unsqueeze(2), (0, 0, 0, -tokens % 64)).transpose(2, 3)
    order = torch.tensor(V_ORDER, device=v.device)
    ordered = padded.unflatten(3, (-1, 16))[..., order].flatten(3).clamp(-448, 448)
    return as_hnd(ordered, tensor_layout).contiguous().to(torch.float8_e4m3fn), scale, mean


def values_of_fp8(v_fp8, tensor_layout):
    """The inverse of the order of per_channel_fp8: float16 [batch, heads, tokens padded, head_dim]."""
    inverse = torch.tensor([V_ORDER.index(token) for token in range(16)], device=v_fp8.device)
    rows = as_hnd(v_fp8, tensor_layout).to(torch.float16)
    return rows.unflatten(3, (-1, 16))[..., inverse].flatten(3).transpose(2, 3)


def get_cuda_arch_versions():
    """"sm90" and the like of every visible GPU."""
    return ["sm{}{}".format(*torch.cuda.get_device_capability(device)) for device in range(torch.cuda.device_count())]
