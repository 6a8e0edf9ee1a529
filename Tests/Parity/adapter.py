"""Compares the greedy texts of `minutelab` and llama.cpp, both with the same LoRA adapter.

    python adapter.py MODEL.gguf MINUTELAB ADAPTER.gguf

If ADAPTER is not there, `minutelab finetune` trains one for a minute or two on conversations that this script makes up.
The prompts are others of the same kind: a model that does not know what to write hangs between words, and then the
smallest rounding decides (of windows of examples/, which the adapter was not trained for, only 11 of 50 were the same).
Both compute with quantised weights and round activations, in different ways; llama.cpp's
logits differ by more from its own, token by token and all at once, than most of these margins. Where texts part, how
much llama.cpp's word led is shown. Exit status 1 if a bar is missed.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile

import llama_cpp
import numpy

PROMPTS = 50
FIRST_PROMPT = 1000  # none of those that are trained on
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
    """A conversation of a few turns and its summary, the same for the same number."""
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


class LlamaCpp:
    def __init__(self, model, adapter):
        # One thread: llama.cpp's wait for each other in loops, which takes minutes where a processor is shared.
        self.model = llama_cpp.Llama(
            model, lora_path=adapter, n_ctx=CONTEXT, n_batch=512, n_threads=1, n_threads_batch=1, logits_all=False,
            flash_attn=False, verbose=False,
        )

    def greedy(self, prompt):
        """The text up to a line's end, and for each token how much likelier it was than the second, in nats."""
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
        """How sure the token was with which the text leaves `text`."""
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


def main():
    model, minutelab, adapter = sys.argv[1:]
    if not pathlib.Path(adapter).exists():
        train(minutelab, model, adapter)
    prompts = [conversation(FIRST_PROMPT + number)[0] + REQUEST for number in range(PROMPTS)]
    failed = False
    for name, used in [("with the adapter", adapter), ("without", None)]:
        reference = LlamaCpp(model, used)
        theirs = []
        for prompt in prompts:
            theirs.append(reference.greedy(prompt))
            print(f"\rllama.cpp {name}: {len(theirs)} of {len(prompts)}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        if used:
            print(f"for example: {theirs[0][0].strip()}")
        for mode, options in [("integer", []), ("exact", ["--exact"])]:
            texts = ours(minutelab, model, used, prompts, *options)
            same = [a.strip() == b[0].strip() for a, b in zip(texts, theirs)]
            margins = sorted(
                reference.margin_at(b[1], b[2], a) for a, b, equal in zip(texts, theirs, same) if not equal)
            words = sum(len(b[0].split()) for b in theirs) / len(theirs)
            print(
                f"{name}, {mode}: {sum(same)} of {len(same)} texts of {words:.0f} words on average are the same; "
                f"where they part, llama.cpp's word led by {', '.join(f'{m:.2f}' for m in margins) or '-'} nats", flush=True)
            failed |= used is not None and sum(same) < BAR * len(same)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
