"""The inputs on which accuracy is compared: one seeded generator, bfloat16 or float16 q, k, v in [batch, head, token, channel]."""

import torch

DEVICE = "cuda"


def _generator(seed):
    return torch.Generator(device=DEVICE).manual_seed(seed)


def synthetic(name, batch, heads, tokens, d, dtype, seed=1):
    """What `FAMILIES` says of the name."""
    generator = _generator(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, device=DEVICE)

    q, k, v = (normal(batch, heads, tokens, d) for _ in range(3))
    if name == "K bias":
        k = k + 20 * normal(1, heads, 1, d)
    elif name == "V bias":
        v = v + 5 * normal(1, heads, 1, d)
    elif name == "outlier channels":
        for x, factor in ((q, 10), (k, 10), (v, 50)):
            x[..., :: d // 4] *= factor
    elif name == "sharp":
        q = 6 * q
    elif name == "heavy-tailed":
        q, k, v = (x / (sum(normal(*x.shape) ** 2 for _ in range(3)) / 3).sqrt() for x in (q, k, v))
    return tuple(x.to(dtype) for x in (q, k, v))


FAMILIES = {
    "normal": "N(0, 1)",
    "K bias": "K + 20 N(0, 1) for each head and channel",
    "V bias": "V + 5 N(0, 1) for each head and channel",
    "outlier channels": "four channels of Q and K times 10, four of V times 50",
    "sharp": "Q times 6: weights of few keys",
    "heavy-tailed": "Student's t with 3 degrees of freedom",
}


def activations(d, tokens, dtype, seed=1):
    """q, k, v of the last layer of a randomly initialised decoder of `transformers` (rotary embeddings, normalisation, 4 layers), or None
    and the reason why there are none."""
    try:
        from transformers import AttentionInterface, LlamaConfig, LlamaModel
    except ImportError as problem:
        return None, f"transformers cannot be imported ({problem})"
    seen = []

    def attend(module, query, key, value, attention_mask, scaling=None, **_):
        seen[:] = [(query, key, value)]
        grouped = query.shape[1] != key.shape[1]
        out = torch.nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True, scale=scaling, enable_gqa=grouped)
        return out.transpose(1, 2).contiguous(), None

    AttentionInterface.register("capture", attend)
    heads = 1024 // d
    torch.manual_seed(seed)
    # a wide initialisation, so that the logits have the spread of a trained model's instead of almost none
    config = LlamaConfig(hidden_size=1024, intermediate_size=2048, num_hidden_layers=4, num_attention_heads=heads, num_key_value_heads=heads,
                         vocab_size=8192, max_position_embeddings=tokens, initializer_range=0.06, attn_implementation="capture")
    words = torch.randint(0, 8192, (1, tokens), generator=_generator(seed), device=DEVICE)
    try:
        with torch.no_grad():
            LlamaModel(config).to(DEVICE, dtype).eval()(words, use_cache=False)
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as problem:  # another release of transformers
        return None, f"LlamaModel fails ({type(problem).__name__}: {problem})"
    if not seen:
        return None, "LlamaModel does not call the attention that was registered"
    return tuple(x.to(dtype) for x in seen[0]), None


def exact(q, k, v, causal, sm_scale=None):
    """Attention in float64, head by head."""
    sm_scale = q.shape[-1] ** -0.5 if sm_scale is None else sm_scale
    groups = q.shape[1] // k.shape[1]
    out = torch.empty(q.shape, dtype=torch.float64, device=q.device)
    for b in range(q.shape[0]):
        for h in range(q.shape[1]):
            logits = q[b, h].double() @ k[b, h // groups].double().T * sm_scale
            if causal:
                logits.masked_fill_(torch.ones(logits.shape, dtype=torch.bool, device=q.device).triu_(1), float("-inf"))
            out[b, h] = torch.softmax(logits, -1) @ v[b, h // groups].double()
    return out


def relative_error(out, reference):
    """Relative L2; infinity if anything is not finite, so that it passes no bound."""
    error = (torch.linalg.vector_norm(out.double() - reference) / torch.linalg.vector_norm(reference)).item()
    return error if error == error else float("inf")
