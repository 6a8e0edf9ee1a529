"""Trains with `minutelab finetune` and with PyTorch and peft, on the same batches and from the same initial factors.

    python finetune.py MODEL.gguf MINUTELAB [--data PATH...] [--steps 50] [--precision full]

MODEL is a Gemma 3 or Gemma 4 text model; PyTorch gets its dequantised weights in float32. peft draws the initial factors;
minutelab starts from them and records the tokens of its batches, on which PyTorch then trains. Both use rank 8, alpha
16, all projections, AdamW, a learning rate falling from 5e-4 to 0, clipping at norm 1, a loss on the answers
only, and no dropout. They alternate, with a part of the steps each. Prints both loss curves with their largest relative
difference, and the tokens per second of both, not counting padding. The exit status is 1 if the curves differ by more
than 1 % or minutelab is slower.

Without --data, both train on dialogues that this script makes up.
"""

import argparse
import csv
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import peft
import torch

import parity

PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj",
               "per_layer_input_gate", "per_layer_projection"]
BATCH, RATE, RANK, ALPHA = 4, 5e-4, 8, 16
CURVE_BAR = 0.01
TURNS = 5


def made_up(path, count):
    """Writes dialogues that are short, so that PyTorch finishes soon. Which facts a summary mentions is random, so that
    there is always something left to learn."""
    chance = random.Random(1)
    names = ["Ada", "Bela", "Chen", "Dora", "Emil", "Fatma", "Gero", "Hana", "Ines", "Jonas"]
    things = ["budget", "release", "office", "training plan", "supplier", "survey", "contract", "archive", "web page", "canteen"]
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    acts = ["checks", "pays for", "moves", "cancels", "writes about", "asks for", "rebuilds", "presents"]
    ends = ["before lunch", "without the lawyers", "for the second time", "together with the auditors", "by hand", "from home"]
    with open(path, "w") as file:
        for number in range(count):
            lines, facts = [], []
            for _ in range(chance.randrange(3, 7)):
                who, thing, day = chance.choice(names), chance.choice(things), chance.choice(days)
                act, end, cost = chance.choice(acts), chance.choice(ends), chance.randrange(2, 90)
                other = chance.choice(names)
                lines.append(f"{who}: On {day}, {other} {act} the {thing} {end}, I think. That is {cost} thousand.")
                facts.append(f"{who} says that the {thing} takes {cost} thousand on {day}.")
            summary = " ".join(chance.sample(facts, 3))
            file.write(json.dumps({"fname": f"made_{number}", "dialogue": "\n".join(lines), "summary": summary}) + "\n")


class Peft:
    def __init__(self, path, steps):
        torch.manual_seed(1)
        base = parity.PyTorch(path).model
        base.set_attn_implementation("sdpa")
        base.config.use_cache = False
        modules = {name.rpartition(".")[2] for name, module in base.named_modules()}
        settings = peft.LoraConfig(
            r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=[p for p in PROJECTIONS if p in modules],
            task_type="CAUSAL_LM",
        )
        self.model = peft.get_peft_model(base, settings)
        self.model.train()
        self.parameters = [p for p in self.model.parameters() if p.requires_grad]
        self.adam = torch.optim.AdamW(self.parameters, lr=RATE, weight_decay=0.0)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.adam, lambda step: 1 - step / steps)

    def step(self, batch):
        longest = max(len(example["inputs"]) + 1 for example in batch)
        ids = torch.zeros(len(batch), longest, dtype=torch.long)
        mask = torch.zeros(len(batch), longest, dtype=torch.long)
        labels = torch.full((len(batch), longest), -100, dtype=torch.long)
        for row, example in enumerate(batch):
            inputs = torch.tensor(example["inputs"])
            ids[row, : len(inputs)], mask[row, : len(inputs)] = inputs, 1
            for position, token in example["targets"]:
                labels[row, position + 1] = token
        loss = self.model(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.adam.step()
        self.schedule.step()
        self.adam.zero_grad()
        return loss.item()


class MinuteLab:
    def __init__(self, binary, model, data, folder, steps, examples, precision):
        self.csv, self.trace = folder / "steps.csv", folder / "trace.jsonl"
        self.command = [
            binary, "finetune", model, "--data", *data, "--output", str(folder / "adapter.gguf"), "--prompt", "dialogsum",
            "--initial-adapter", str(folder / "initial"), "--rank", str(RANK), "--alpha", str(ALPHA), "--learning-rate",
            str(RATE), "--batch-size", str(BATCH), "--passes", repr(steps / -(-examples // BATCH)), "--csv", str(self.csv),
            "--trace", str(self.trace), "--precision", precision,
        ]

    def steps(self, count):
        subprocess.run([*self.command, "--stop-after", str(count)], check=True, stderr=subprocess.DEVNULL)
        with open(self.csv) as file:
            rows = list(csv.DictReader(file))
        batches = [json.loads(line) for line in open(self.trace)]
        return rows, batches


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("minutelab")
    parser.add_argument("--data", nargs="*", default=[])
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--precision", default="full")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        sys.exit(compare(options, pathlib.Path(name)))


def compare(options, folder):
    data, examples = options.data, None
    if data:
        examples = sum(1 for path in data for line in open(path) if line.strip())
    else:
        examples = options.steps * BATCH
        data = [str(folder / "dialogues.jsonl")]
        made_up(data[0], examples)
    reference = Peft(options.model, options.steps)
    reference.model.save_pretrained(folder / "initial")
    own = MinuteLab(options.minutelab, options.model, data, folder, options.steps, examples, options.precision)
    losses, seconds, tokens = [], [], []
    per_turn = -(-options.steps // TURNS)
    while len(losses) < options.steps:
        rows, batches = own.steps(per_turn)
        for batch in batches[len(losses) :]:
            start = time.perf_counter()
            losses.append(reference.step(batch))
            seconds.append(time.perf_counter() - start)
            tokens.append(sum(len(example["inputs"]) + 1 - 1 for example in batch))
    print(f"{'step':>4} {'peft':>8} {'minutelab':>9} {'difference':>10}")
    worst = 0.0
    for row, loss in zip(rows, losses):
        difference = abs(float(row["loss"]) - loss) / loss
        worst = max(worst, difference)
        print(f"{row['step']:>4} {loss:8.5f} {float(row['loss']):9.5f} {difference:10.2e}")
    # The first step of each turn is left out, since it touches memory for the first time.
    kept = [index for index in range(len(losses)) if index % per_turn]
    theirs = sum(tokens[i] for i in kept) / sum(seconds[i] for i in kept)
    ours = sum(int(rows[i]["tokens"]) for i in kept) / sum(float(rows[i]["seconds"]) for i in kept)
    print(f"largest relative difference of the loss: {worst:.2e} (bar {CURVE_BAR})")
    print(f"peft on {torch.get_num_threads()} threads: {theirs:.0f} tokens/s")
    print(f"minutelab in {options.precision} precision: {ours:.0f} tokens/s, {ours / theirs:.2f} times as many")
    return 1 if worst > CURVE_BAR or ours < theirs else 0


if __name__ == "__main__":
    main()
