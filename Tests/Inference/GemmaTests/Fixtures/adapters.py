"""Writes random LoRA adapters for the tiny models, with the logits that PyTorch and peft compute with them.

    python adapters.py

Needs what make.py needs, and also peft and llama-cpp-python. The models are those that make.py has written. peft writes
the folders; the GGUF files follow llama.cpp's format, and llama.cpp's logits are compared with PyTorch's.
"""

import pathlib
import shutil

import gguf
import llama_cpp
import numpy
import peft
import torch
import transformers
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).parent
TOKENS = 40  # crosses a window of 16 twice
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
INPUTS = ["per_layer_input_gate", "per_layer_projection"]
ADAPTERS = {
    "gemma": peft.LoraConfig(r=1, lora_alpha=2, target_modules=["down_proj"], use_rslora=True),
    "gemma2": peft.LoraConfig(r=3, lora_alpha=5, target_modules=["layers.1.self_attn.q_proj", "v_proj"]),
    "gemma3": peft.LoraConfig(r=4, lora_alpha=8, target_modules=ALL),
    "gemma4": peft.LoraConfig(r=2, lora_alpha=6, target_modules=ALL + INPUTS),
}
GGUF_NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "per_layer_input_gate": "inp_gate", "per_layer_projection": "proj",
}


def write_gguf(architecture, config, weights, path):
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_type("adapter")
    writer.add_name(f"random {architecture}")
    writer.add_string("adapter.type", "lora")
    # llama.cpp divides alpha by the rank, peft's "rank-stabilised" adapters by the rank's square root.
    writer.add_float32("adapter.lora.alpha", config.lora_alpha * (config.r**0.5 if config.use_rslora else 1))
    for name, weight in weights.items():
        layer, *module, half, _ = name.split(".layers.")[1].split(".")
        tensor = f"blk.{layer}.{GGUF_NAMES['.'.join(module)]}.weight.{half.lower()}"
        writer.add_tensor(tensor, weight.numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def llama_logits(model, adapter, ids):
    llama = llama_cpp.Llama(
        str(model), lora_path=str(adapter), n_ctx=256, logits_all=True, flash_attn=False, verbose=False,
        type_k=llama_cpp.GGML_TYPE_F32, type_v=llama_cpp.GGML_TYPE_F32,
    )
    llama.eval(ids)
    return numpy.array(llama.scores[: len(ids)])


def main():
    for architecture, config in ADAPTERS.items():
        folder = HERE / "adapters" / architecture
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        ids = load_file(HERE / architecture / "expected.safetensors")["input_ids"][:TOKENS].long()[None]
        base = transformers.AutoModelForCausalLM.from_pretrained(HERE / architecture, attn_implementation="eager").eval()
        with torch.no_grad():
            before = base(ids).logits[0]
            model = peft.get_peft_model(base, config).eval()
            generator = torch.Generator().manual_seed(11)
            for name, weight in model.named_parameters():
                if "lora_" in name:
                    weight.data = torch.randn(weight.shape, generator=generator) * (0.3 if "lora_A" in name else 0.2)
            logits = model(ids).logits[0]
        model.base_model.peft_config["default"].base_model_name_or_path = f"tiny {architecture}"
        model.save_pretrained(folder)
        (folder / "README.md").unlink(missing_ok=True)
        save_file({"logits": logits.contiguous()}, folder / "expected.safetensors")
        weights = load_file(folder / "adapter_model.safetensors")
        write_gguf(architecture, config, weights, folder / "adapter.gguf")
        spread = (before.max() - before.min()).item()
        print(f"{architecture}: {len(weights)} tensors, moves the logits by {(logits - before).abs().max() / spread:.2f} of their range")
        if (HERE / f"{architecture}-f32.gguf").exists():
            theirs = llama_logits(HERE / f"{architecture}-f32.gguf", folder / "adapter.gguf", ids[0].tolist())
            difference = numpy.abs(theirs - logits.numpy()).max() / spread
            print(f"{architecture}: llama.cpp differs by {difference:.1e} of the range")
            assert difference < 1e-3
        for file in folder.iterdir():
            file.chmod(0o644)  # safetensors makes them 0600


if __name__ == "__main__":
    main()
