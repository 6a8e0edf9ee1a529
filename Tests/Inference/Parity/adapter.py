"""Compares the greedy texts of `minutelab` and llama.cpp, both with the same LoRA adapter.

    python adapter.py MODEL.gguf MINUTELAB ADAPTER.gguf [--weights f32|quantised|both]

If ADAPTER does not exist, `minutelab finetune` trains one for a minute or two on conversations that this script makes
up. The prompts are other conversations of the same kind.

With quantised weights, both programs round activations, in different ways. Even llama.cpp's own logits, computed token
by token and all at once, differ by more than the margin of most words. So the texts agree only if the adapter is sure
what to write, as the trained one is for these prompts. To test the adapter alone, nothing is rounded: with copies of
the model and the adapter in F32, any adapter has to give the same texts. Where texts differ, the margin of llama.cpp's
word is shown. The exit status is 1 if a bar is missed.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import gguf
import llama_cpp
import numpy

PROMPTS = 50
FIRST_PROMPT = 1000  # no conversation that is trained on
TOKENS = 48
CONTEXT = 1024
BAR = 0.95
REQUEST = "\n---\n\nSummary:"
END_TOKENS = {1, 106}  # <eos>, <end_of_turn>

NAMES = ["Ann", "Ben", "Carla", "Dev", "Elif", "Fred", "Grete", "Hugo", "Ines", "Jon"]
THINGS = ["the invoice", "the new printer", "the press release", "the garden fence", "the database", "the spring fair",
          "the staff rota", "the test report", "the boiler", "the website"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "next week", "the end of the month"]


def conversation(number):
    """A conversation of a few turns and its summary, which depend only on the number."""
    draw = random.Random(number)
    one, other, third = draw.sample(NAMES, 3)
    thing, next_thing = draw.sample(THINGS, 2)
    day, next_day = draw.sample(DAYS, 2)
    amount = draw.randrange(2, 90) * 10
    turns = [
        (one, draw.choice([f"Let's talk about {thing}.", f"So, {thing}. Where are we?", f"Any news on {thing}?"])),
        (other, draw.choice([f"I'll have it done by {day}.", f"It should be ready by {day}, I think."])),
        (third, draw.choice(["And what does it cost?", "Do we have the money for it?"])),
        (other, f"About {amount} euros."),
        (one, draw.choice(["That's fine.", "All right, we can afford that.", "Good."])),
        (third, f"I can look after {next_thing} until {next_day}."),
        (one, "Thank you."),
    ]
    summary = (
        f"{other} will finish {thing} by {day}; it costs about {amount} euros, which {one} agrees to. "
        f"{third} looks after {next_thing} until {next_day}."
    )
    return "".join(f"{name}: {text}\n" for name, text in turns), summary


def train(minutelab, model, adapter):
    with tempfile.TemporaryDirectory() as folder:
        for number in range(128):
            text, summary = conversation(number)
            pathlib.Path(folder, f"{number}.txt").write_text(text)
            pathlib.Path(folder, f"{number}.minutes.txt").write_text(summary + "\n")
        subprocess.run(
            [minutelab, "finetune", model, "--data", folder, "--output", adapter, "--passes", "2", "--kinds", "pair"],
            check=True,
        )


def write_f32(source, path):
    """Writes a copy of a GGUF model with all its weights in F32."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(path, reader.fields["general.architecture"].contents())
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.file_type"):
            continue
        inner = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), field.types[0], sub_type=inner)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class LlamaCpp:
    def __init__(self, model, adapter, cache=llama_cpp.GGML_TYPE_F16):
        # One thread: llama.cpp's threads wait for each other in busy loops, which takes minutes on a shared processor.
        self.model = llama_cpp.Llama(
            model, lora_path=adapter, n_ctx=CONTEXT, n_batch=512, n_threads=1, n_threads_batch=1, logits_all=False,
            flash_attn=False, verbose=False, type_k=cache, type_v=cache,
        )

    def greedy(self, prompt):
        """The text up to a line's end, its tokens, and the margin of each over the second likeliest token, in nats."""
        model = self.model
        model.reset()
        model.eval(model.tokenize(prompt.encode(), add_bos=True, special=False))
        tokens, margins = [], []
        for _ in range(TOKENS):
            address = llama_cpp.llama_get_logits_ith(model.ctx, -1)
            logits = numpy.ctypeslib.as_array(address, shape=(model.n_vocab(),))
            second, best = numpy.argpartition(logits, -2)[-2:].tolist()
            if best in END_TOKENS:
                break
            tokens.append(best)
            margins.append(float(logits[best] - logits[second]))
            if b"\n" in model.detokenize(tokens):
                break
            model.eval([best])
        return model.detokenize(tokens).decode(errors="replace").split("\n")[0], tokens, margins

    def margin_at(self, tokens, margins, text):
        """The margin of the token at which llama.cpp's text begins to differ from `text`."""
        for count in range(1, len(tokens) + 1):
            if not text.startswith(self.model.detokenize(tokens[:count]).decode(errors="replace").split("\n")[0]):
                return margins[count - 1]
        return margins[-1] if margins else 0


def ours(minutelab, model, adapter, prompts, *options):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "prompts.json")
        source.write_text(json.dumps(prompts))
        command = [minutelab, "generate", model, "--prompts", source, "--maximum-tokens", str(TOKENS), "--stop", "\n",
                   "--context-length", str(CONTEXT), *options]
        if adapter:
            command += ["--adapter", adapter]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def compare(name, reference, prompts, runs):
    """Prints for each of our runs how many texts equal llama.cpp's; returns the smallest share.

    `runs` are pairs of a name and a function that returns our texts."""
    theirs = []
    for prompt in prompts:
        theirs.append(reference.greedy(prompt))
        print(f"\rllama.cpp {name}: {len(theirs)} of {len(prompts)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(f"{name}, for example: {theirs[0][0].strip()}")
    shares = []
    for mode, run in runs:
        texts = run()
        same = [a.strip() == b[0].strip() for a, b in zip(texts, theirs)]
        margins = sorted(reference.margin_at(b[1], b[2], a) for a, b, equal in zip(texts, theirs, same) if not equal)
        words = sum(len(b[0].split()) for b in theirs) / len(theirs)
        print(
            f"{name}, {mode}: {sum(same)} of {len(same)} texts of {words:.0f} words on average are the same; "
            f"where they part, llama.cpp's word led by {', '.join(f'{m:.2f}' for m in margins) or '-'} nats", flush=True)
        shares.append(sum(same) / len(same))
    return min(shares)


def main():
    parser = argparse.ArgumentParser()
    for name in ["model", "minutelab", "adapter"]:
        parser.add_argument(name)
    parser.add_argument("--weights", choices=["f32", "quantised", "both"], default="both")
    options = parser.parse_args()
    model, minutelab, adapter, wanted = options.model, options.minutelab, options.adapter, options.weights
    own = not pathlib.Path(adapter).exists() or pathlib.Path(adapter).parent.name == ".build-parity"
    if not pathlib.Path(adapter).exists():
        train(minutelab, model, adapter)
    prompts = [conversation(FIRST_PROMPT + number)[0] + REQUEST for number in range(PROMPTS)]
    missed = False
    if wanted != "quantised":
        with tempfile.TemporaryDirectory() as folder:
            exact_model, exact_adapter = f"{folder}/model.gguf", f"{folder}/adapter.gguf"
            write_f32(model, exact_model)
            subprocess.run([minutelab, "adapter", "convert", adapter, exact_adapter, "--f32"], check=True)
            run = lambda: ours(minutelab, exact_model, exact_adapter, prompts, "--exact", "--full-precision-cache")
            share = compare(
                "in F32, with the adapter", LlamaCpp(exact_model, exact_adapter, llama_cpp.GGML_TYPE_F32), prompts,
                [("exact", run)])
            missed |= share < BAR
    if wanted != "f32":
        for name, used in [("with the adapter", adapter), ("without", None)]:
            runs = [
                (mode, lambda used=used, flags=flags: ours(minutelab, model, used, prompts, *flags))
                for mode, flags in [("integer", []), ("exact", ["--exact"])]
            ]
            share = compare(name, LlamaCpp(model, used), prompts, runs)
            # Other adapters may be unsure of their words, so only the one trained here has to pass.
            missed |= own and used is not None and share < BAR
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
