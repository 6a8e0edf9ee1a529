"""Computes with PyTorch what the trainer's gradients, optimiser and schedules are compared with.

    python make.py

Needs torch, transformers and safetensors. For each of the models in Tests/Inference/GemmaTests/Fixtures, it writes an
adapter's factors, the loss of two sequences and autograd's gradients to this folder; one more file is for AdamW,
clipping and the schedules of transformers. README.md beside this file describes the files.
"""

import json
import pathlib

import torch
import transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
MODELS = HERE.parents[2] / "Inference" / "GemmaTests" / "Fixtures"
RANK, ALPHA = 2, 3.0
# The number of tokens and the index of the answer's first one. The first sequence crosses a window of 16 three times.
SEQUENCES = [(61, 40), (23, 20)]
GGUF_NAMES = {
    "q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output",
    "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
    "per_layer_input_gate": "inp_gate", "per_layer_projection": "proj",
}


class Adapted(torch.nn.Module):
    """A frozen linear layer with two factors that can be trained."""

    def __init__(self, linear, generator):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.a = torch.nn.Parameter(torch.randn(RANK, linear.in_features, generator=generator) * 0.2)
        self.b = torch.nn.Parameter(torch.randn(linear.out_features, RANK, generator=generator) * 0.2)

    def forward(self, x):
        return self.linear(x) + (x @ self.a.T) @ self.b.T * (ALPHA / RANK)


def adapt(model):
    generator = torch.Generator().manual_seed(11)
    adapted = {}
    for number, layer in enumerate(model.model.layers):
        for part in (layer.self_attn, layer.mlp, layer):
            for name, gguf_name in GGUF_NAMES.items():
                if isinstance(getattr(part, name, None), torch.nn.Linear):
                    module = Adapted(getattr(part, name), generator)
                    setattr(part, name, module)
                    adapted[f"blk.{number}.{gguf_name}"] = module
    return adapted


def gradients(architecture):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        MODELS / architecture, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    model.requires_grad_(False)
    adapted = adapt(model)
    generator = torch.Generator().manual_seed(3)
    tensors, loss, count = {}, 0, sum(length - start for length, start in SEQUENCES)
    for index, (length, start) in enumerate(SEQUENCES):
        ids = torch.cat([torch.tensor([2]), torch.randint(4, 512, [length - 1], generator=generator)])
        logits = model(ids[None]).logits[0].double()
        loss = loss + torch.nn.functional.cross_entropy(logits[start - 1 : -1], ids[start:], reduction="sum") / count
        tensors[f"ids.{index}"] = ids.to(torch.int32)
        tensors[f"answer_start.{index}"] = torch.tensor([start], dtype=torch.int32)
    loss.backward()
    tensors["loss"] = loss.detach().float()[None]
    for name, module in adapted.items():
        for half, factor in (("lora_a", module.a), ("lora_b", module.b)):
            tensors[f"{name}.{half}"] = factor.detach().contiguous()
            tensors[f"{name}.{half}.gradient"] = factor.grad.contiguous()
    save_file(tensors, HERE / f"{architecture}.safetensors")
    print(f"{architecture}: loss {loss.item():.5f}, {len(adapted)} adapted matrices")


def optimiser():
    """AdamW with clipping over a dozen steps, and the factors of the schedules."""
    generator = torch.Generator().manual_seed(5)
    weights = torch.nn.Parameter(torch.randn(16, generator=generator))
    start = weights.detach().clone()
    adam = torch.optim.AdamW([weights], lr=1.0, betas=(0.9, 0.98), eps=1e-7, weight_decay=0.05)
    steps = []
    for step in range(12):
        rate = 0.1 / (step + 1)
        gradient = torch.randn(16, generator=generator) * (0.1 if step % 3 else 2)
        weights.grad = gradient.clone()
        norm = torch.nn.utils.clip_grad_norm_([weights], 1.0)
        adam.param_groups[0]["lr"] = rate
        adam.step()
        steps.append({
            "rate": rate, "gradient": gradient.tolist(), "norm": norm.item(), "weights": weights.detach().tolist()
        })
    schedules = {}
    for name in ("linear", "cosine", "constant_with_warmup"):
        for warmup in (0, 4):
            dummy = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
            schedule = transformers.get_scheduler(name, dummy, num_warmup_steps=warmup, num_training_steps=20)
            factors = []
            for _ in range(20):
                factors.append(schedule.get_last_lr()[0])
                dummy.step()
                schedule.step()
            schedules[f"{name}.{warmup}"] = factors
    document = {"start": start.tolist(), "steps": steps, "schedules": schedules}
    (HERE / "optimiser.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    for architecture in ("gemma", "gemma2", "gemma3", "gemma4"):
        gradients(architecture)
    optimiser()
    for file in HERE.glob("*.safetensors"):
        file.chmod(0o644)  # safetensors makes them 0600
