"""What the GPU tests share: one call through the C ABI with everything poisoned beforehand, and its comparison with float64."""

import math

import torch

import abi
from references import HopperOperands, Operands, exact_attention, quantised_attention, relative_error

UNITS = {"direct": abi.DIRECT, "sm90": abi.SM90, "sm80": abi.SM80, "sm70": abi.SM70}


class Bounds:
    """Relative L2 errors of the output, absolute ones of the LSE. sm90 rounds P to three bits, which the model leaves out; direct quantises
    nothing, so it has no model."""

    def __init__(self, route):
        fp8 = route == abi.SM90
        self.model = {torch.float16: 0.03, torch.bfloat16: 0.03} if fp8 else {torch.float16: 1e-3, torch.bfloat16: 3e-3}
        self.exact = 0.045 if fp8 else 0.004 if route == abi.DIRECT else 0.016
        self.lse_model = 0.05 if fp8 else 1e-3
        self.lse_exact = 0.02  # root mean square


def bounds_of(unit):
    return Bounds(UNITS[unit])


DEVICE = "cuda:0"
GUARD = 4096


class Failure(AssertionError):
    pass


def require(condition, text):
    if not condition:
        raise Failure(text)


def serves(library, unit):
    """Whether the library has an image of this unit for the GPU; prints why not."""
    one = torch.zeros(1, 1, 1, 64, dtype=torch.float16, device=DEVICE)
    try:
        attend(library, one, one, one, route=UNITS[unit])
    except abi.SageError as error:
        if error.status != 2:
            raise
        print(f"skipped: unit {unit}: {error}")
        return False
    return True


class Result:
    def __init__(self, out, lse, operands, workspace):
        self.out, self.lse, self.operands, self.workspace = out, lse, operands, workspace


def like(tensor, layout):
    """An empty tensor of the same shape, HND or NHD in memory."""
    if layout == "NHD":
        batch, heads, tokens, d = tensor.shape
        return torch.empty(batch, tokens, heads, d, dtype=tensor.dtype, device=tensor.device).transpose(1, 2)
    return torch.empty_like(tensor, memory_format=torch.contiguous_format)


def attend(library, q, k, v, *, out=None, want_lse=False, stream=None, only_prepare=False, **options):
    """One call with everything poisoned beforehand: output and LSE NaN, workspace 0xff (NaN in fp16 and fp32)."""
    if out is None:
        out = torch.empty_like(q, memory_format=torch.contiguous_format)
    out.fill_(math.nan)
    lse = torch.full(q.shape[:3], math.nan, dtype=torch.float32, device=q.device) if want_lse else None
    if stream is None:
        stream = torch.cuda.current_stream(q.device)
    request = abi.make_request(q, k, v, out, lse, stream=stream.cuda_stream, **options)
    layout = library.workspace(request)
    workspace = torch.full((layout.size + GUARD,), 0xff, dtype=torch.uint8, device=q.device)
    require(workspace.data_ptr() % 256 == 0, "torch gave an unaligned workspace")
    request.workspace = workspace.data_ptr()
    request.workspace_size = layout.size
    library.prepare(request) if only_prepare else library.run(request)
    require(bool((workspace[layout.size:] == 0xff).all()), "a kernel wrote beyond the workspace")
    operands = None
    if layout.size > 0 and k.shape[2] > 0 and options.get("route") not in (abi.AUTO, abi.DIRECT):
        hopper = options.get("route") == abi.SM90
        operands = HopperOperands(library, request, q, workspace) if hopper else Operands(library, request, layout, workspace)
    return Result(out, lse, operands, workspace)


def check_accuracy(library, q, k, v, record, name, *, causal=False, smooth_k=True, sm_scale=None, exact=True, mask=None, **options):
    sm_scale = q.shape[-1] ** -0.5 if sm_scale is None else sm_scale
    result = attend(library, q, k, v, causal=causal, smooth_k=smooth_k, sm_scale=sm_scale, want_lse=True, mask=mask,
                    **options)
    entry = {"case": name}
    record.append(entry)
    bounds = Bounds(options.get("route"))
    if result.operands is not None:
        model, model_lse = quantised_attention(result.operands, causal, smooth_k, mask)
        entry["model"] = relative_error(result.out, model)
        entry["lse_model"] = (result.lse.double() - model_lse).abs().max().item()
        require(entry["model"] <= bounds.model[q.dtype], f"{name}: {entry['model']:.2e} to the float64 model")
        # fp32 holds an LSE of hundreds (K bias 20) to some 1e-5
        require(entry["lse_model"] <= bounds.lse_model + 1e-6 * model_lse.abs().max().item(), f"{name}: LSE {entry['lse_model']:.2e} to the model")
    if exact or result.operands is None:
        true, true_lse = exact_attention(q, k, v, sm_scale, causal, mask)
        entry["exact"] = relative_error(result.out, true)
        entry["lse_exact"] = (result.lse.double() - true_lse).square().mean().sqrt().item()
        require(entry["exact"] <= bounds.exact, f"{name}: {entry['exact']:.2e} to exact float64")
        require(entry["lse_exact"] <= bounds.lse_exact, f"{name}: LSE {entry['lse_exact']:.2e} to exact float64")
    return result, entry
