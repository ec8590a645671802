"""Inputs from one seeded generator, and attention in float64: exact, and on the quantised operands that the kernels read."""

import math

import torch

from sm90_preparation import Preparation


def make_inputs(seed, batch, heads_q, heads_k, sq, sk, d, dtype, device, k_bias=0.0):
    """q, k, v ~ N(0, 1) in [batch, head, token, channel]; `k_bias` adds k_bias * N(0, 1) to every (head, channel) of k."""
    generator = torch.Generator(device="cpu").manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float32)

    q = normal(batch, heads_q, sq, d)
    k = normal(batch, heads_k, sk, d)
    v = normal(batch, heads_k, sk, d)
    k = k + k_bias * normal(1, heads_k, 1, d)
    return tuple(x.to(dtype).to(device) for x in (q, k, v))


def _softmax_pv(logits, v, causal, lse_shift, mask=None):
    """Natural-base logits [b, h, sq, sk] and v [b, h, sk, d]. A row without keys gives 0."""
    if mask is not None:
        logits = logits.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else logits + mask.double()
    if causal:
        sq, sk = logits.shape[-2:]
        hidden = torch.ones(sq, sk, dtype=torch.bool, device=logits.device).triu(1)
        logits = logits.masked_fill(hidden, -math.inf)
    lse = torch.logsumexp(logits, dim=-1)
    out = torch.exp(logits - lse.unsqueeze(-1)).nan_to_num(nan=0.0) @ v
    return out, lse + lse_shift


def exact_attention(q, k, v, sm_scale, causal, mask=None):
    q, k, v = q.double(), k.double(), v.double()
    groups = q.shape[1] // k.shape[1]
    k = k.repeat_interleave(groups, dim=1)
    v = v.repeat_interleave(groups, dim=1)
    return _softmax_pv(q @ k.transpose(-1, -2) * sm_scale, v, causal, 0.0, mask)


class Operands:
    """What the preparation kernels wrote, read back from the workspace (a uint8 tensor)."""

    def __init__(self, library, request, layout, workspace):
        batch, heads_q, self.sq, self.d = request.q.shape[:]
        heads_k, self.sk = request.k.shape[1], request.k.shape[2]

        def part(offset, dtype, *shape):
            size = math.prod(shape) * dtype.itemsize
            return workspace[offset:offset + size].view(dtype).view(*shape)

        dp = layout.d_padded
        self.q_codes = part(layout.q_int8, torch.int8, batch, heads_q, layout.sq_padded, dp)
        self.k_codes = part(layout.k_int8, torch.int8, batch, heads_k, layout.sk_padded, dp)
        self.v_half = part(layout.v_fp16, torch.float16, batch, heads_k, layout.sk_padded, dp)
        self.v_scale = part(layout.v_scale, torch.float32, batch, heads_k, dp)
        self.k_mean = part(layout.k_mean, torch.float32, batch, heads_k, dp)
        self.lse_shift = part(layout.lse_shift, torch.float32, batch, heads_q, layout.sq_padded)
        q_scale = part(layout.q_scale, torch.float32, batch, heads_q, layout.q_scales_per_head)
        k_scale = part(layout.k_scale, torch.float32, batch, heads_k, layout.k_scales_per_head)
        device = workspace.device
        q_index = torch.tensor([library.handle.sage_q_scale_index(request, i) for i in range(self.sq)], device=device, dtype=torch.long)
        k_index = torch.tensor([library.handle.sage_k_scale_index(request, i) for i in range(self.sk)], device=device, dtype=torch.long)
        self.q_scale = q_scale[:, :, q_index].double()
        self.k_scale = k_scale[:, :, k_index].double()

    def q(self):
        """Base-2 logits are q() . k(): q carries sm_scale * log2(e)."""
        return self.q_codes[:, :, :self.sq, :self.d].double() * self.q_scale.unsqueeze(-1)

    def k(self):
        return self.k_codes[:, :, :self.sk, :self.d].double() * self.k_scale.unsqueeze(-1)

    def v(self):
        return self.v_half[:, :, :self.sk, :self.d].double() * self.v_scale[:, :, None, :self.d].double()


class HopperOperands:
    """The same for the Hopper unit, which quantises Q by rows in the attention kernel: here it is done again."""

    def __init__(self, library, request, q, workspace):
        operands, _ = Preparation(library.path).layout(request)
        batch, heads_k, self.sk = request.k.shape[:3]
        self.sq, self.d = q.shape[2:]
        padded, dp = operands.sk_padded, operands.d_padded

        def part(offset, dtype, *shape):
            size = math.prod(shape) * dtype.itemsize
            return workspace[offset:offset + size].view(dtype).view(*shape)

        # Row 16q + 2t + i of the codes holds key 16q + 4t + i, row 16q + 8 + 2t + i key 16q + 4t + 2 + i.
        rows = [2 * t + i % 2 + i // 2 * 8 for t in range(4) for i in range(4)]
        codes = part(operands.k_int8, torch.int8, batch, heads_k, padded // 16, 16, dp)[:, :, :, rows]
        scale = part(operands.k_scale, torch.float32, batch, heads_k, padded // 128, 1, 4, 1, 1).double()
        k = (codes.view(batch, heads_k, padded // 128, 8, 4, 4, dp).double() * scale).view(batch, heads_k, padded, dp)
        v = part(operands.v_fp8, torch.float8_e4m3fn, batch, heads_k, dp, padded).double().transpose(2, 3)
        v = v * part(operands.v_scale, torch.float32, batch, heads_k, 1, dp).double()
        if request.smooth_v:
            v = v + part(operands.v_mean, torch.float32, batch, heads_k, 1, dp).double()
        self._k, self._v = k[:, :, :self.sk, :self.d], v[:, :, :self.sk, :self.d]
        mean = part(operands.k_mean, torch.float32, batch, heads_k, dp)[..., :self.d].double()
        mean = mean.repeat_interleave(q.shape[1] // heads_k, dim=1)
        self.lse_shift = (q.double() @ mean.unsqueeze(-1)).squeeze(-1) * request.sm_scale
        step = q.double().abs().amax(dim=-1, keepdim=True).clamp_min(2.0**-100) / 127
        self._q = torch.round(q.double() / step) * step * (request.sm_scale / math.log(2.0))

    def q(self):
        return self._q

    def k(self):
        return self._k

    def v(self):
        return self._v


def quantised_attention(operands, causal, shifted, mask=None):
    """`shifted`: K was smoothed and the LSE asked for, so that the workspace holds the correction of the LSE."""
    q, k, v = operands.q(), operands.k(), operands.v()
    groups = q.shape[1] // k.shape[1]
    k = k.repeat_interleave(groups, dim=1)
    v = v.repeat_interleave(groups, dim=1)
    shift = operands.lse_shift[:, :, :operands.sq].double() if shifted else 0.0
    return _softmax_pv(q @ k.transpose(-1, -2) * math.log(2.0), v, causal, shift, mask)


def relative_error(value, reference):
    """Relative L2; NaN and Inf give infinity, so that they never pass a bound."""
    difference = torch.linalg.vector_norm(value.double() - reference.double())
    norm = torch.linalg.vector_norm(reference.double())
    error = (difference / norm).item() if norm > 0 else difference.item()
    return error if math.isfinite(error) else math.inf
