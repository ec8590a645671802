"""Programs that call us, as they are: diffusers with its sage back ends, transformers and plain code through a patched
scaled_dot_product_attention. Without a GPU only the imports are tested."""

import os

import pytest
import torch

import sageattention

NEEDS_GPU = pytest.mark.skipif("SAGE_FAKE_GPUS" in os.environ or not torch.cuda.is_available(), reason="no CUDA GPU")
BOUND = 0.05  # relative L2 of a model's output to the same model with torch's attention
FUNCTIONS = ["sageattn", "sageattn_qk_int8_pv_fp16_cuda", "sageattn_qk_int8_pv_fp16_triton", "sageattn_qk_int8_pv_fp8_cuda",
             "sageattn_qk_int8_pv_fp8_cuda_sm90", "sageattn_varlen"]


def error_to(value, expected):
    return (torch.linalg.vector_norm(value.double() - expected.double()) / torch.linalg.vector_norm(expected.double())).item()


def test_diffusers_finds_the_package():
    dispatch = pytest.importorskip("diffusers.models.attention_dispatch")
    assert dispatch._CAN_USE_SAGE_ATTN
    for name in FUNCTIONS:
        assert getattr(dispatch, name) is getattr(sageattention, name)
    for backend in dispatch.AttentionBackendName:
        if "sage" in backend.value and "hub" not in backend.value:
            dispatch._check_attention_backend_requirements(backend)


@pytest.fixture(scope="module")
def flux():
    """A small Flux: joint attention over text and image, as in image models. Returns the model and a call of it."""
    diffusers = pytest.importorskip("diffusers")
    torch.manual_seed(0)
    model = diffusers.FluxTransformer2DModel(
        patch_size=1, in_channels=16, num_layers=2, num_single_layers=2, attention_head_dim=128, num_attention_heads=4,
        joint_attention_dim=64, pooled_projection_dim=64, axes_dims_rope=(16, 56, 56)).to("cuda", torch.bfloat16).eval()
    side = 24
    places = torch.stack(torch.meshgrid(torch.zeros(1), torch.arange(side) * 1.0, torch.arange(side) * 1.0, indexing="ij"), -1).reshape(-1, 3)
    inputs = dict(hidden_states=torch.randn(2, side * side, 16), encoder_hidden_states=torch.randn(2, 77, 64),
                  pooled_projections=torch.randn(2, 64), timestep=torch.tensor([0.5, 0.3]), img_ids=places, txt_ids=torch.zeros(77, 3))
    inputs = {name: value.to("cuda", torch.bfloat16) for name, value in inputs.items()}
    return model, inputs


def call(model, inputs):
    with torch.no_grad():
        return model(**inputs, return_dict=False)[0]


BACKENDS = ["sage", "sage_varlen", "_sage_qk_int8_pv_fp8_cuda", "_sage_qk_int8_pv_fp8_cuda_sm90", "_sage_qk_int8_pv_fp16_cuda",
            "_sage_qk_int8_pv_fp16_triton"]


@NEEDS_GPU
@pytest.mark.parametrize("backend", BACKENDS)
def test_diffusers_back_ends(flux, backend):
    model, inputs = flux
    model.set_attention_backend("native")
    expected = call(model, inputs)
    model.set_attention_backend(backend)
    assert error_to(call(model, inputs), expected) <= BOUND


@NEEDS_GPU
def test_a_compiled_diffusers_model(flux):
    model, inputs = flux
    model.set_attention_backend("sage")
    expected = call(model, inputs)
    torch._dynamo.reset()
    compiled = torch.compile(model, fullgraph=True)
    assert error_to(call(compiled, inputs), expected) <= BOUND


@NEEDS_GPU
def test_a_diffusers_model_in_a_graph(flux):
    model, inputs = flux
    model.set_attention_backend("sage")
    expected = call(model, inputs)
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        call(model, inputs)
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        out = call(model, inputs)
    graph.replay()
    assert error_to(out, expected) <= 1e-3


@NEEDS_GPU
def test_a_video_model(monkeypatch):
    """Wan: self and cross attention, patched underneath all back ends."""
    diffusers = pytest.importorskip("diffusers")
    torch.manual_seed(0)
    model = diffusers.WanTransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=4, attention_head_dim=64, in_channels=16, out_channels=16, text_dim=64, freq_dim=64,
        ffn_dim=128, num_layers=2, cross_attn_norm=True, qk_norm="rms_norm_across_heads", rope_max_seq_len=64)
    model = model.to("cuda", torch.bfloat16).eval()
    inputs = dict(hidden_states=torch.randn(1, 16, 4, 24, 24, device="cuda", dtype=torch.bfloat16),
                  timestep=torch.tensor([500], device="cuda"),
                  encoder_hidden_states=torch.randn(1, 77, 64, device="cuda", dtype=torch.bfloat16))
    model.set_attention_backend("native")
    expected = call(model, inputs)
    calls = []
    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention",
                        lambda *a, **k: calls.append(1) or sageattention.sageattn(*a, **k))
    assert error_to(call(model, inputs), expected) <= BOUND and calls
    monkeypatch.undo()
    model.set_attention_backend("sage")
    assert error_to(call(model, inputs), expected) <= BOUND


@NEEDS_GPU
def test_a_language_model_with_padding(monkeypatch):
    """transformers passes a mask, a scale and enable_gqa to a patched scaled_dot_product_attention."""
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.LlamaConfig(vocab_size=100, hidden_size=256, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4,
                                      num_key_value_heads=2, attn_implementation="sdpa")
    model = transformers.LlamaModel(config).to("cuda", torch.bfloat16).eval()
    tokens, mask = torch.randint(0, 100, (2, 150), device="cuda"), torch.ones(2, 150, dtype=torch.long, device="cuda")
    mask[1, :40] = 0  # padded on the left
    with torch.no_grad():
        expected = model(tokens, attention_mask=mask).last_hidden_state
        calls = []
        monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention",
                            lambda *a, **k: calls.append(k) or sageattention.sageattn(*a, **k))
        out = model(tokens, attention_mask=mask).last_hidden_state
    assert calls and any(k.get("attn_mask") is not None for k in calls)
    assert error_to(out[0], expected[0]) <= BOUND and error_to(out[1, 40:], expected[1, 40:]) <= BOUND


@NEEDS_GPU
@pytest.mark.parametrize("form", [lambda f, q, m: f(q, q, q, m), lambda f, q, m: f(q, q, q, m, 0.0, False),
                                  lambda f, q, m: f(query=q, key=q, value=q, attn_mask=m), lambda f, q, m: f(q, q, q, is_causal=True),
                                  lambda f, q, m: f(q, q, q, None, 0.0, True, scale=0.2)])
def test_a_patched_function(monkeypatch, form):
    q = torch.randn(2, 4, 150, 64, device="cuda", dtype=torch.float16)
    mask = torch.rand(2, 1, 150, 150, device="cuda") < 0.7
    mask[..., 0] = True
    functional = torch.nn.functional
    expected = form(functional.scaled_dot_product_attention, q, mask)
    monkeypatch.setattr(functional, "scaled_dot_product_attention", sageattention.sageattn)
    assert error_to(form(functional.scaled_dot_product_attention, q, mask), expected) <= BOUND
