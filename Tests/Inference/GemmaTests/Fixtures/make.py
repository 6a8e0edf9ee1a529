"""Writes tiny models with random weights and the logits that PyTorch computes, to test the forward pass.

    python make.py

Needs torch, transformers, safetensors and gguf. The weights depend on a seed, but another version of PyTorch may give
others, so the whole folder is written and committed together. README.md beside this file describes the files.
"""

import json
import pathlib
import shutil

import gguf
import numpy
import torch
import transformers
from safetensors.torch import load_file, save_file
from sentencepiece import sentencepiece_model_pb2 as proto

HERE = pathlib.Path(__file__).parent
TOKENIZER = HERE.parent.parent / "TokenizerTests" / "Fixtures" / "tiny" / "tokenizer.model"
TOKENS = 100  # crosses a window of 16 six times
SHAPE = dict(
    vocab_size=512, hidden_size=32, intermediate_size=64, num_attention_heads=4, head_dim=16, max_position_embeddings=256,
    pad_token_id=0, eos_token_id=1, bos_token_id=2, rms_norm_eps=1e-6, attn_implementation="eager",
)
SLIDING, FULL = "sliding_attention", "full_attention"
# Windows, caps and scales are chosen so that leaving one out changes the logits visibly. Gemma 2's query scale differs
# from headDim, as in the 27B model; Gemma 3's equals it, as in the 270M and 1B models, because a GGUF file of Gemma 3
# cannot specify another.
MODELS = {
    "gemma": lambda: transformers.GemmaForCausalLM(
        transformers.GemmaConfig(**SHAPE, num_hidden_layers=2, num_key_value_heads=1, rope_theta=10000.0)
    ),
    "gemma2": lambda: transformers.Gemma2ForCausalLM(
        transformers.Gemma2Config(
            **SHAPE, num_hidden_layers=3, num_key_value_heads=2, rope_theta=10000.0, query_pre_attn_scalar=24, sliding_window=16,
            layer_types=[SLIDING, FULL, SLIDING], attn_logit_softcapping=3.0, final_logit_softcapping=5.0,
        )
    ),
    "gemma3": lambda: transformers.Gemma3ForCausalLM(
        transformers.Gemma3TextConfig(
            **SHAPE, num_hidden_layers=6, num_key_value_heads=1, query_pre_attn_scalar=16, sliding_window=16,
            layer_types=[SLIDING] * 5 + [FULL],
            rope_parameters={
                SLIDING: {"rope_type": "default", "rope_theta": 10000.0},
                FULL: {"rope_type": "default", "rope_theta": 1000000.0},
            },
        )
    ),
    # Windows of 16 and heads of 16 in three layers of four; the last four share the keys and values of layers 2 and 3.
    "gemma4": lambda: transformers.Gemma4ForCausalLM(
        transformers.Gemma4TextConfig(
            **SHAPE, global_head_dim=32, num_hidden_layers=8, num_key_value_heads=2, sliding_window=16,
            layer_types=([SLIDING] * 3 + [FULL]) * 2, num_kv_shared_layers=4, use_double_wide_mlp=True,
            hidden_size_per_layer_input=8, vocab_size_per_layer_input=SHAPE["vocab_size"], final_logit_softcapping=5.0,
            rope_parameters={
                SLIDING: {"rope_type": "default", "rope_theta": 10000.0},
                FULL: {"rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1000000.0},
            },
        )
    ),
}


def randomise(model):
    generator = torch.Generator().manual_seed(7)
    for name, weight in model.named_parameters():
        spread = 0.4 if "norm" in name else 0.5 if "embed" in name else 0.25
        weight.data = torch.randn(weight.shape, generator=generator) * spread
    for name, buffer in model.named_buffers():
        if name.endswith("layer_scalar"):
            buffer.copy_(0.5 + torch.rand(buffer.shape, generator=generator))


def published_config(config):
    """The same settings in the form of the published models' config.json, which transformers 4 wrote."""
    config = dict(config)
    if config["model_type"] == "gemma4_text":  # as transformers 5 wrote it before there was per_layer_config
        config["global_head_dim"] = config.pop("per_layer_config")["3"]["head_dim"]
        return {"architectures": ["Gemma4ForConditionalGeneration"], "model_type": "gemma4", "text_config": config}
    ropes = config.pop("rope_parameters")
    if SLIDING in ropes:
        config["rope_theta"], config["rope_local_base_freq"] = ropes[FULL]["rope_theta"], ropes[SLIDING]["rope_theta"]
        config["rope_scaling"] = None
        config["sliding_window_pattern"] = config.pop("layer_types").index(FULL) + 1
    else:
        config["rope_theta"] = ropes["rope_theta"]
        config.pop("layer_types", None)  # Gemma 2 alternates, starting with a sliding layer
    config.pop("_sliding_window_pattern", None)
    config["torch_dtype"] = config.pop("dtype")
    config["transformers_version"] = "4.50.0"
    return config


def shard(weights, folder):
    """Distributes a model's tensors alternately to two files, so that each layer has tensors in both."""
    names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    where = {tensor: names[index % 2] for index, tensor in enumerate(sorted(weights))}
    for name in names:
        save_file({t: weights[t] for t, n in where.items() if n == name}, folder / name, metadata={"format": "pt"})
    total = sum(w.numel() * 4 for w in weights.values())
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {"total_size": total}, "weight_map": where}, indent=1) + "\n"
    )


GGUF_NAMES = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
    "model.embed_tokens_per_layer.weight": "per_layer_token_embd.weight",
    "model.per_layer_model_projection.weight": "per_layer_model_proj.weight",
    "model.per_layer_projection_norm.weight": "per_layer_proj_norm.weight",
    "per_layer_input_gate": "inp_gate",
    "per_layer_projection": "proj",
    "post_per_layer_input_norm": "post_norm",
    "layer_scalar": "layer_output_scale",
}


def gguf_name(architecture, name):
    if name in GGUF_NAMES:
        return GGUF_NAMES[name]
    _, _, layer, rest = name.split(".", 3)
    rest = rest.removesuffix(".weight")
    if rest == "post_attention_layernorm":  # before the feed-forward in Gemma 1, after attention since Gemma 2
        return f"blk.{layer}." + ("ffn_norm" if architecture == "gemma" else "post_attention_norm") + ".weight"
    return f"blk.{layer}.{GGUF_NAMES[rest]}.weight"


def write_gguf(architecture, weights, config, path):
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_name(f"tiny {architecture}")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    if architecture != "gemma4":
        writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    if architecture == "gemma4":
        own = config.num_hidden_layers - config.num_kv_shared_layers
        sizes = [config.intermediate_size] * own + [2 * config.intermediate_size] * config.num_kv_shared_layers
        full, sliding = (config.per_layer_config[kind].head_dim for kind in [FULL, SLIDING])
        writer.add_feed_forward_length(sizes)
        writer.add_key_length(full)
        writer.add_value_length(full)
        writer.add_key_length_swa(sliding)
        writer.add_value_length_swa(sliding)
        writer.add_rope_dimension_count(full)
        writer.add_rope_dimension_count_swa(sliding)
        writer.add_shared_kv_layers(config.num_kv_shared_layers)
        writer.add_sliding_window_pattern([kind == SLIDING for kind in config.layer_types])
        writer.add_embedding_length_per_layer_input(config.hidden_size_per_layer_input)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
        writer.add_rope_freq_base(config.rope_parameters[FULL]["rope_theta"])
        writer.add_rope_freq_base_swa(config.rope_parameters[SLIDING]["rope_theta"])
        rotated = int(config.rope_parameters[FULL]["partial_rotary_factor"] * full / 2)
        freqs = numpy.array([1.0] * rotated + [1e30] * (full // 2 - rotated), numpy.float32)
        writer.add_tensor("rope_freqs.weight", freqs)
    else:
        writer.add_key_length(config.head_dim)
        writer.add_value_length(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    if architecture != "gemma":
        writer.add_sliding_window(config.sliding_window)
    if architecture == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
    if architecture == "gemma3":
        writer.add_rope_freq_base(config.rope_parameters[FULL]["rope_theta"])
    model = proto.ModelProto.FromString(TOKENIZER.read_bytes())
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([p.piece.replace("▁", " ") if p.type == 4 else p.piece for p in model.pieces])
    writer.add_token_scores([p.score for p in model.pieces])
    writer.add_token_types([p.type for p in model.pieces])
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(1)
    writer.add_unk_token_id(3)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    for name, weight in weights.items():
        array = weight.numpy()
        # Up to Gemma 3, a GGUF file stores 1 + w.
        is_offset = "norm" in name and architecture != "gemma4"
        writer.add_tensor(gguf_name(architecture, name), array + numpy.float32(1) if is_offset else array)
    if architecture == "gemma4":  # keys and values that the last layers do not use: some converters keep them
        for layer in range(config.num_hidden_layers - config.num_kv_shared_layers, config.num_hidden_layers):
            width = (full if config.layer_types[layer] == FULL else sliding) * config.num_key_value_heads
            for part in ["attn_k", "attn_v"]:
                writer.add_tensor(f"blk.{layer}.{part}.weight", numpy.ones([width, config.hidden_size], numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    generator = torch.Generator().manual_seed(1)
    ids = torch.cat([torch.tensor([2]), torch.randint(0, SHAPE["vocab_size"], [TOKENS - 1], generator=generator)])[None]
    for architecture, build in MODELS.items():
        folder = HERE / architecture
        shutil.rmtree(folder, ignore_errors=True)
        model = build().to(torch.float32).eval()
        randomise(model)
        with torch.no_grad():
            logits = model(ids).logits[0]
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        weights = load_file(folder / "model.safetensors")
        assert "lm_head.weight" not in weights
        shutil.copy(TOKENIZER, folder / "tokenizer.model")
        save_file({"input_ids": ids[0].to(torch.int32), "logits": logits.contiguous()}, folder / "expected.safetensors")
        written = json.loads((folder / "config.json").read_text())
        (folder / "config.published.json").write_text(json.dumps(published_config(written), indent=2, sort_keys=True) + "\n")
        print(f"{architecture}: logits {list(logits.shape)} from {logits.min():.3f} to {logits.max():.3f}")
        if architecture == "gemma":
            (folder / "model.safetensors").unlink()
            shard(weights, folder)
        if architecture != "gemma2":
            write_gguf(architecture, weights, model.config, HERE / f"{architecture}-f32.gguf")
        for file in folder.iterdir():
            file.chmod(0o644)  # safetensors makes them 0600


if __name__ == "__main__":
    main()
