"""Compares the logits of `minutelab` with those of PyTorch on random models of Gemma 4's shape.

    python gemma4.py MINUTELAB

No trained weights are needed: each model has every trait of E2B (layers that share keys and values, heads of two widths,
proportional rotation, inputs of each layer, output scales, windows shorter than the prompt), in other proportions, and is
written as a Hugging Face folder, as the folder of a model that also sees, and, as llama.cpp's converter would, as a GGUF
file. PyTorch runs transformers' Gemma 4 in
float32. The exit status is 1 if a logit differs by 1e-4 of their range or more.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy
import torch
import transformers
from safetensors.torch import load_file, save_file

FIXTURES = pathlib.Path(__file__).parents[1] / "GemmaTests" / "Fixtures"
sys.path.insert(0, str(FIXTURES))
import make  # noqa: E402  the maker of the tiny models, which writes GGUF files

TOKENIZER = pathlib.Path(__file__).parents[1] / "TokenizerTests" / "Fixtures" / "tiny"
BAR = 1e-4
SLIDING, FULL = make.SLIDING, make.FULL
# Width, query heads, KV heads, widths of heads, feed-forward, input of a layer, pattern, shared layers, window, prompt.
SHAPES = {
    "as E2B": (192, 8, 1, 32, 64, 256, 32, ([SLIDING] * 4 + [FULL]) * 3, 8, 64, 700),
    "as E4B": (128, 4, 2, 32, 64, 256, 16, ([SLIDING] * 5 + [FULL]) * 3, 8, 32, 300),
    "nothing shared": (128, 4, 4, 64, 32, 128, 8, [SLIDING, FULL] * 2, 0, 16, 100),
    "no layer inputs": (128, 8, 2, 16, 16, 128, 0, [SLIDING, SLIDING, FULL] * 2, 0, 128, 200),
}


def build(shape):
    width, heads, kv_heads, sliding, full, feed_forward, inputs, pattern, shared, window, _ = shape
    config = transformers.Gemma4TextConfig(
        vocab_size=512, hidden_size=width, intermediate_size=feed_forward, num_hidden_layers=len(pattern),
        num_attention_heads=heads, num_key_value_heads=kv_heads, head_dim=sliding, global_head_dim=full,
        max_position_embeddings=1024, rms_norm_eps=1e-6, sliding_window=window, layer_types=pattern,
        num_kv_shared_layers=shared, use_double_wide_mlp=shared > 0, hidden_size_per_layer_input=inputs,
        vocab_size_per_layer_input=512, final_logit_softcapping=30.0, pad_token_id=0, eos_token_id=1, bos_token_id=2,
        attn_implementation="eager",
        rope_parameters={
            SLIDING: {"rope_type": "default", "rope_theta": 10000.0},
            FULL: {"rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1000000.0},
        },
    )
    model = transformers.Gemma4ForCausalLM(config).to(torch.float32).eval()
    generator = torch.Generator().manual_seed(17)
    for name, weight in model.named_parameters():
        if weight.dim() == 1:
            weight.data = 1 + 0.2 * torch.randn(weight.shape, generator=generator)
            # Sharper attention would amplify how PyTorch rounds angles, which it computes in float32.
            if "q_norm" in name or "k_norm" in name:
                weight.data *= 0.5
        else:
            weight.data = torch.randn(weight.shape, generator=generator) * weight.shape[-1] ** -0.5
    for name, buffer in model.named_buffers():
        if name.endswith("layer_scalar"):
            buffer.copy_(0.5 + torch.rand(buffer.shape, generator=generator))
    return model


def write_seeing(folder, weights):
    """The text model of `folder` as a part of a model that also sees, beside it."""
    seeing = folder.parent / "seeing"
    shutil.copytree(folder, seeing)
    config = json.loads((folder / "config.json").read_text())
    whole = {"architectures": ["Gemma4ForConditionalGeneration"], "model_type": "gemma4", "text_config": config}
    (seeing / "config.json").write_text(json.dumps(whole))
    tensors = {name.replace("model.", "model.language_model.", 1): weight for name, weight in weights.items()}
    tensors["model.vision_tower.patch_embedder.weight"] = torch.zeros(8, 8)
    save_file(tensors, seeing / "model.safetensors", metadata={"format": "pt"})


def ours(minutelab, model, ids, folder):
    tokens, output = folder / "tokens", folder / "logits"
    numpy.array(ids, "<i4").tofile(tokens)
    subprocess.run(
        [minutelab, "logits", "--model", model, "--tokens", tokens, "--output", output, "--exact"],
        check=True, stdout=subprocess.DEVNULL,
    )
    return numpy.fromfile(output, "<f4").reshape(len(ids), -1)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    failed = False
    for name, shape in SHAPES.items():
        with tempfile.TemporaryDirectory() as path:
            folder = pathlib.Path(path)
            model = build(shape)
            ids = [2] + torch.randint(4, 512, [shape[-1] - 1], generator=torch.Generator().manual_seed(5)).tolist()
            with torch.no_grad():
                wanted = model(torch.tensor([ids])).logits[0].numpy()
            model.save_pretrained(folder / "model")
            shutil.copy(TOKENIZER / "tokenizer.json", folder / "model")
            weights = load_file(folder / "model" / "model.safetensors")
            write_seeing(folder / "model", weights)
            make.write_gguf("gemma4", weights, model.config, folder / "model.gguf")
            for kind in ["model", "seeing", "model.gguf"]:
                found = ours(sys.argv[1], folder / kind, ids, folder)
                difference = numpy.abs(found - wanted).max() / (wanted.max() - wanted.min())
                agreement = (found.argmax(1) == wanted.argmax(1)).mean()
                failed |= not difference < BAR
                print(
                    f"{name:16} {kind:10} {len(ids):4} positions   "
                    f"largest |difference| / range {difference:.2e}   top-1 agreement {agreement:.2%}"
                )
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
