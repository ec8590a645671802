"""What the command line tools `selftest` and `bench` share."""

import math
import sys

import torch

from . import _arguments, _build, _library


def require_gpu(name):
    """Ends the program with one sentence where no attention can be computed."""
    reason = None
    try:
        _arguments.check_available()
    except RuntimeError as problem:
        reason = str(problem)
    if reason is None and not torch.cuda.is_available():
        reason = _library.explain_no_gpu() or f"torch {torch.__version__} finds none"
    if reason is not None:
        sys.exit(f"error: sageattention.{name} needs a CUDA GPU: {reason}")


def describe_machine():
    return (f"sageattention {_build.VERSION} ({_build.TARGET}, CUDA {_build.CUDA}), torch {torch.__version__}, Python"
            f" {sys.version.split()[0]}\n{torch.cuda.get_device_name()}, compute capability"
            f" {'.'.join(map(str, torch.cuda.get_device_capability()))}\n")


def exact_attention(q, k, v, sm_scale=None, causal=False, mask=None):
    """Output and log-sum-exp in float64; [batch, heads, tokens, head_dim]."""
    q, k, v = q.double(), k.double(), v.double()
    k, v = (x.repeat_interleave(q.shape[1] // k.shape[1], dim=1) for x in (k, v))
    logits = q @ k.transpose(-1, -2) * (q.shape[-1] ** -0.5 if sm_scale is None else sm_scale)
    if mask is not None:
        logits = logits.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else logits + mask.double()
    if causal:
        logits = logits.masked_fill(torch.ones(logits.shape[-2:], dtype=torch.bool, device=q.device).triu(1), -math.inf)
    lse = torch.logsumexp(logits, dim=-1)
    return torch.exp(logits - lse.unsqueeze(-1)).nan_to_num(nan=0.0) @ v, lse


def relative_error(value, exact):
    """Relative L2; infinite for what is not finite."""
    error = (torch.linalg.vector_norm(value.double() - exact) / torch.linalg.vector_norm(exact)).item()
    return error if math.isfinite(error) else math.inf


def print_table(rows):
    """The first row is the head; columns of numbers are aligned to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    numeric = [len(rows) > 1 and all(row[i][:1].isdigit() or row[i] in ("-", "inf") for row in rows[1:]) for i in range(len(widths))]
    for row in rows:
        print("  ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in zip(row, widths, numeric)).rstrip())
