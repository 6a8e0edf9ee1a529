"""Compares the logits of `minutelab` with those of llama.cpp and of PyTorch on real text.

    python parity.py MODEL.gguf MINUTELAB TEXTFILE...

MODEL is a Gemma 3 or Gemma 4 text model. llama.cpp runs it as it is, with its cache in F32; it rounds activations to 8
bits for quantised weights, so it is not exact. PyTorch runs transformers' model in float32 on the dequantised weights
(which take 20 GB for Gemma 4 E2B; Bench/random_gemma4.py makes one with fewer layers), which is the best available
reference. The difference between the two shows the scale. The exit status is 1 if a bar is
missed.

Tests/Inference/GemmaTests compares tiny models of all four architectures, gemma4.py larger ones of Gemma 4's shape.
"""

import math
import pathlib
import subprocess
import sys
import tempfile

import gguf
import llama_cpp
import numpy
import torch
import transformers

POSITIONS = 2100
CHUNK = 700  # longer than the sliding window of 512; its logits over 262,144 tokens are 734 MB
ROWS = 16  # rows of logits that are compared at once
# Tested, reference, least top-1 agreement, greatest mean divergence. "exact" is minutelab with --exact, which
# multiplies quantised weights in f32; "integer" is the default arithmetic, with activations rounded to 8 bits. It must
# not be further from the reference than llama.cpp is: None stands for llama.cpp's own figure.
PAIRS = [
    ("exact", "llama.cpp", 0.97, 0.01),
    ("exact", "PyTorch", 0.99, 1e-4),
    ("integer", "llama.cpp", 0.95, 0.01),
    ("integer", "PyTorch", 0.97, None),
    ("llama.cpp", "PyTorch", 0, 1),
]
PERPLEXITY = 0.005  # by how much ours may differ from PyTorch's, relatively


class LlamaCpp:
    def __init__(self, path):
        self.model = llama_cpp.Llama(
            model_path=path, n_ctx=CHUNK, n_batch=CHUNK, n_ubatch=CHUNK, logits_all=True, flash_attn=False, verbose=False,
            type_k=llama_cpp.GGML_TYPE_F32, type_v=llama_cpp.GGML_TYPE_F32,
        )

    def tokenize(self, text):
        return self.model.tokenize(text.encode(), add_bos=False, special=False)

    def logits(self, ids):
        self.model.reset()
        self.model.eval(ids)
        return self.model.scores[: len(ids)]


class PyTorch:
    LAYER_NAMES = {
        "attn_norm": "input_layernorm",
        "attn_q": "self_attn.q_proj",
        "attn_k": "self_attn.k_proj",
        "attn_v": "self_attn.v_proj",
        "attn_output": "self_attn.o_proj",
        "attn_q_norm": "self_attn.q_norm",
        "attn_k_norm": "self_attn.k_norm",
        "post_attention_norm": "post_attention_layernorm",
        "ffn_norm": "pre_feedforward_layernorm",
        "ffn_gate": "mlp.gate_proj",
        "ffn_up": "mlp.up_proj",
        "ffn_down": "mlp.down_proj",
        "post_ffw_norm": "post_feedforward_layernorm",
        "inp_gate": "per_layer_input_gate",
        "proj": "per_layer_projection",
        "post_norm": "post_per_layer_input_norm",
    }
    NAMES = {
        "token_embd": "model.embed_tokens.weight",
        "output_norm": "model.norm.weight",
        "output": "lm_head.weight",
        "per_layer_token_embd": "model.embed_tokens_per_layer.weight",
        "per_layer_model_proj": "model.per_layer_model_projection.weight",
        "per_layer_proj_norm": "model.per_layer_projection_norm.weight",
    }

    def __init__(self, path):
        reader = gguf.GGUFReader(path)
        tensors = {tensor.name: tensor for tensor in reader.tensors}
        self.architecture = reader.fields["general.architecture"].contents()
        self.reader = reader
        build, config = {
            "gemma3": (transformers.Gemma3ForCausalLM, self.gemma3),
            "gemma4": (transformers.Gemma4ForCausalLM, self.gemma4),
        }.get(self.architecture) or sys.exit("parity: only GGUF files of Gemma 3 and 4 text models can be compared")
        with torch.device("meta"):
            self.model = build(config(len(tensors["token_embd.weight"].data)))
        # A file may carry keys and values that are not used.
        known = self.model.state_dict()
        named = [(self.name(name), tensor) for name, tensor in tensors.items()]
        state = {
            name: self.weight(tensor) for name, tensor in named
            if name and (name in known or not name.endswith((".k_proj.weight", ".v_proj.weight")))
        }
        state["lm_head.weight"] = state.get("lm_head.weight", state["model.embed_tokens.weight"])
        self.model.load_state_dict(state, assign=True, strict=True)
        # Buffers (rope tables, the embedding's scale) have no values on "meta", so they are taken from a real small
        # model.
        small = build(config(8))
        real = dict(small.named_buffers())
        for name, buffer in list(self.model.named_buffers()):
            if buffer.is_meta:
                owner, _, leaf = name.rpartition(".")
                self.model.get_submodule(owner)._buffers[leaf] = real[name]
        self.model.eval()

    def value(self, name, default=None):
        field = self.reader.fields.get(f"{self.architecture}.{name}")
        if field is None and default is None:
            sys.exit(f"parity: {self.architecture}.{name} is missing")
        return default if field is None else field.contents()

    def gemma4(self, vocabulary):
        value = self.value
        sizes, shared = value("feed_forward_length"), value("attention.shared_kv_layers")
        if isinstance(sizes, int):
            sizes = [sizes] * value("block_count")
        rotated = next(t.data for t in self.reader.tensors if t.name == "rope_freqs.weight")
        return transformers.Gemma4TextConfig(
            vocab_size=vocabulary, vocab_size_per_layer_input=vocabulary, hidden_size=value("embedding_length"),
            intermediate_size=sizes[0], use_double_wide_mlp=sizes[-1] == 2 * sizes[0], num_hidden_layers=len(sizes),
            num_attention_heads=value("attention.head_count"), num_key_value_heads=value("attention.head_count_kv"),
            head_dim=value("attention.key_length_swa"), global_head_dim=value("attention.key_length"),
            rms_norm_eps=value("attention.layer_norm_rms_epsilon"), sliding_window=value("attention.sliding_window"),
            max_position_embeddings=value("context_length"), attn_implementation="eager", num_kv_shared_layers=shared,
            hidden_size_per_layer_input=value("embedding_length_per_layer_input"),
            final_logit_softcapping=value("final_logit_softcapping"), pad_token_id=0, bos_token_id=2, eos_token_id=1,
            layer_types=[
                "sliding_attention" if slides else "full_attention" for slides in value("attention.sliding_window_pattern")
            ],
            rope_parameters={
                "full_attention": {
                    "rope_type": "proportional", "rope_theta": value("rope.freq_base"),
                    "partial_rotary_factor": float((rotated == 1).mean()),
                },
                "sliding_attention": {"rope_type": "default", "rope_theta": value("rope.freq_base_swa")},
            },
        )

    def gemma3(self, vocabulary):
        value = self.value
        layers = value("block_count")
        return transformers.Gemma3TextConfig(
            vocab_size=vocabulary, hidden_size=value("embedding_length"), intermediate_size=value("feed_forward_length"),
            num_hidden_layers=layers, num_attention_heads=value("attention.head_count"), head_dim=value("attention.key_length"),
            num_key_value_heads=value("attention.head_count_kv"), query_pre_attn_scalar=value("attention.key_length"),
            rms_norm_eps=value("attention.layer_norm_rms_epsilon"), sliding_window=value("attention.sliding_window"),
            max_position_embeddings=value("context_length"), attn_implementation="eager",
            pad_token_id=0, bos_token_id=2, eos_token_id=1,
            layer_types=["full_attention" if (i + 1) % 6 == 0 else "sliding_attention" for i in range(layers)],
            rope_parameters={
                "full_attention": {"rope_type": "default", "rope_theta": value("rope.freq_base")},
                "sliding_attention": {"rope_type": "default", "rope_theta": value("rope.freq_base_swa", 10000.0)},
            },
        )

    @classmethod
    def name(cls, name):
        match name.split("."):
            case ["rope_freqs", _]:  # the configuration says it, too
                return None
            case [part, _] if part in cls.NAMES:
                return cls.NAMES[part]
            case ["blk", layer, "layer_output_scale", _]:
                return f"model.layers.{layer}.layer_scalar"
            case ["blk", layer, part, _]:
                return f"model.layers.{layer}.{cls.LAYER_NAMES[part]}.weight"
        sys.exit(f"parity: tensor {name} has no place in a Gemma")

    def weight(self, tensor):
        weight = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
        # For norms, a GGUF file of Gemma 3 stores 1 + w, transformers w.
        offset = "norm" in tensor.name and self.architecture == "gemma3"
        return torch.from_numpy(weight - 1 if offset else weight.copy())

    def logits(self, ids):
        with torch.no_grad():
            return self.model(torch.tensor([ids])).logits[0].numpy()


class MinuteLab:
    def __init__(self, binary, path, *options):
        self.binary, self.path, self.options = binary, path, options

    def logits(self, ids):
        with tempfile.TemporaryDirectory() as folder:
            tokens, output = pathlib.Path(folder, "tokens"), pathlib.Path(folder, "logits")
            numpy.array(ids, "<i4").tofile(tokens)
            subprocess.run(
                [self.binary, "logits", "--model", self.path, "--tokens", tokens, "--output", output, *self.options],
                check=True, stdout=subprocess.DEVNULL,
            )
            return numpy.fromfile(output, "<f4").reshape(len(ids), -1)


class Comparison:
    """Running figures of one pair over all positions."""

    def __init__(self):
        self.positions = self.agreeing = 0
        self.divergence = self.difference = 0.0

    def add(self, reference, ours):
        if reference.shape != ours.shape:
            sys.exit(f"parity: logits of shape {ours.shape} where {reference.shape} was expected")
        for start in range(0, len(reference), ROWS):
            p, q = (torch.from_numpy(x[start : start + ROWS]).double() for x in (reference, ours))
            self.agreeing += int((p.argmax(1) == q.argmax(1)).sum())
            difference = ((p - q).abs().amax(1) / (p.amax(1) - p.amin(1))).max()
            self.difference = float(numpy.maximum(self.difference, difference))  # keeps a NaN
            p, q = p.log_softmax(1), q.log_softmax(1)
            self.divergence += float((p.exp() * (p - q)).sum())
            self.positions += len(p)

    @property
    def agreement(self):
        return self.agreeing / self.positions

    @property
    def mean_divergence(self):
        return self.divergence / self.positions


class Perplexity:
    """The perplexity that a model assigns to the text that it reads."""

    def __init__(self):
        self.loss, self.positions = 0.0, 0

    def add(self, logits, ids):
        for start in range(0, len(ids) - 1, ROWS):
            next_ids = torch.tensor(ids[start + 1 : start + 1 + ROWS])
            rows = torch.from_numpy(logits[start : start + len(next_ids)]).double().log_softmax(1)
            self.loss -= float(rows.gather(1, next_ids[:, None]).sum())
            self.positions += len(next_ids)

    @property
    def value(self):
        return math.exp(self.loss / self.positions)


def chunks(tokenize, paths):
    """Sequences of CHUNK ids, each with <bos> and text of one file, taken alternately from the files."""
    ids = [tokenize(pathlib.Path(path).read_text(encoding="utf-8")) for path in paths]
    found, start = [], 0
    while len(found) * CHUNK < POSITIONS:
        long_enough = [i for i in ids if len(i) >= start + CHUNK - 1]
        if not long_enough:
            sys.exit(f"parity: the texts are too short for {POSITIONS} positions in chunks of {CHUNK}")
        found += [[2] + i[start : start + CHUNK - 1] for i in long_enough]
        start += CHUNK - 1
    return found[: -(-POSITIONS // CHUNK)]


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    model, binary, *texts = sys.argv[1:]
    peers = {"llama.cpp": LlamaCpp(model), "PyTorch": PyTorch(model)}
    peers |= {"exact": MinuteLab(binary, model, "--exact"), "integer": MinuteLab(binary, model)}
    found = {pair[:2]: Comparison() for pair in PAIRS}
    perplexities = {name: Perplexity() for name in peers}
    for ids in chunks(peers["llama.cpp"].tokenize, texts):
        logits = {name: peer.logits(ids) for name, peer in peers.items()}
        for (tested, reference), comparison in found.items():
            comparison.add(logits[reference], logits[tested])
        for name, perplexity in perplexities.items():
            perplexity.add(logits[name], ids)
        print(f"compared {len(ids)} positions", file=sys.stderr, flush=True)

    peer = found["llama.cpp", "PyTorch"]
    print(f"{pathlib.Path(model).name}, {peer.positions} positions in sequences of {CHUNK}")
    print(f"{'':27}  top-1 agreement   mean KL (nats)   largest |difference| / range")
    missed = []
    for tested, reference, least, greatest in PAIRS:
        c = found[tested, reference]
        print(f"{tested:9} against {reference:9}  {c.agreement:15.2%}   {c.mean_divergence:14.2e}   {c.difference:28.2e}")
        if not c.agreement >= least:
            missed.append(f"{tested}: top-1 agreement with {reference} is {c.agreement:.2%}, at least {least:.0%} wanted")
        greatest = peer.mean_divergence if greatest is None else greatest
        if not c.mean_divergence <= greatest:
            missed.append(f"{tested}: mean KL from {reference} is {c.mean_divergence:.2e}, at most {greatest:.2e} wanted")
    truth = perplexities["PyTorch"].value
    for name, perplexity in perplexities.items():
        off = perplexity.value / truth - 1
        print(f"perplexity {name:9}  {perplexity.value:9.4f}   {off:+.3%}")
        if name in ("exact", "integer") and not abs(off) <= PERPLEXITY:
            missed.append(f"{name}: perplexity is off PyTorch's by {off:+.3%}, at most {PERPLEXITY:.1%} wanted")
    for line in missed:
        print(f"missed: {line}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
