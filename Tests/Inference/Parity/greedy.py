"""Compares the greedy choices of `minutelab` with llama.cpp's, token by token, after the same prompts.

    python greedy.py MODEL.gguf MINUTELAB [--tokens 64] [--prompt-tokens 300] [TEXT...]

MODEL is any GGUF file that both can run, such as a full-size one with random weights (Bench/random_gemma4.py). Each TEXT
(by default examples/*.txt) gives a prompt, whose ids must be the same in both programs. llama.cpp writes on greedily; for
each of its tokens, minutelab is asked what it would have chosen there, in its usual arithmetic and exactly. The answers of
`minutelab generate` are compared as text.

Both programs round the inputs of products to 8 bits, each in its own way, and a random model is never sure of a token. So
choices may part where the two best tokens are nearly tied: the lead of llama.cpp's token is shown beside the largest
difference of llama.cpp's own logits when it computes the same tokens at once instead of one by one. A choice that parts
while llama.cpp's token leads by more than twice that much is an error, and so are other ids. The exit status is 1 then.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import llama_cpp
import numpy

EXAMPLES = pathlib.Path(__file__).parents[3] / "examples"


class LlamaCpp:
    """llama.cpp with its cache in F32, as `minutelab logits` has it."""

    def __init__(self, path, context):
        self.model = llama_cpp.Llama(
            model_path=path, n_ctx=context, n_batch=context, n_ubatch=context, logits_all=True, flash_attn=False,
            verbose=False, type_k=llama_cpp.GGML_TYPE_F32, type_v=llama_cpp.GGML_TYPE_F32,
        )

    def ids(self, text):
        return self.model.tokenize(text.encode(), add_bos=False, special=False)

    def text(self, ids):
        return self.model.detokenize(ids).decode(errors="replace")

    def greedy(self, prompt, count):
        """The likeliest tokens after `prompt`, and the logits that they were chosen by, [count, vocabulary]."""
        self.model.reset()
        self.model.eval(prompt)
        tokens, logits = [], []
        while True:
            logits.append(self.model.scores[self.model.n_tokens - 1].copy())
            tokens.append(int(logits[-1].argmax()))
            if len(tokens) == count:
                return tokens, numpy.array(logits)
            self.model.eval(tokens[-1:])

    def at_once(self, ids, count):
        """The logits of the last `count` of `ids`, which are computed in one batch."""
        self.model.reset()
        self.model.eval(ids)
        return self.model.scores[len(ids) - count : len(ids)].copy()


def our_ids(minutelab, model, text):
    output = subprocess.run([minutelab, "tokenize", model, text], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [int(number) for number in output.split()]


def our_logits(minutelab, model, ids, count, *options):
    with tempfile.TemporaryDirectory() as folder:
        tokens, output = pathlib.Path(folder, "tokens"), pathlib.Path(folder, "logits")
        numpy.array(ids, "<i4").tofile(tokens)
        subprocess.run(
            [minutelab, "logits", "--model", model, "--tokens", tokens, "--output", output, *options],
            check=True, stdout=subprocess.DEVNULL,
        )
        return numpy.fromfile(output, "<f4").reshape(len(ids), -1)[-count:]


def our_text(minutelab, model, prompt, count):
    command = [minutelab, "generate", model, "--prompt", prompt, "--maximum-tokens", str(count), "--full-precision-cache"]
    command += ["--context-length", str(4096)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode(errors="replace")


def compare(options, llama, path):
    """Prints how one prompt went; returns whether nothing was wrong."""
    whole = path.read_text(encoding="utf-8")
    ids = llama.ids(whole)
    same_ids = our_ids(options.minutelab, options.model, whole.replace("\n", " ")) == llama.ids(whole.replace("\n", " "))
    prompt_text = llama.text(ids[: options.prompt_tokens])
    prompt = [2] + llama.ids(prompt_text)
    chosen, theirs = llama.greedy(prompt, options.tokens)
    sequence = prompt + chosen[:-1]
    own = numpy.abs(llama.at_once(sequence, options.tokens) - theirs).max(axis=1)
    span = float(theirs.max() - theirs.min())
    second = numpy.partition(theirs, -2, axis=1)[:, -2]
    lead = theirs.max(axis=1) - second
    print(f"{path.name}: prompt of {len(prompt)} tokens, ids of the text {'the same' if same_ids else 'DIFFERENT'}; "
          f"llama.cpp's tokens lead by {numpy.median(lead):.3f} (median) of a range of {span:.1f}; computed at once, its "
          f"logits differ by {own.max():.3f}", flush=True)
    right = same_ids
    for name, flags in [("integer", []), ("exact", ["--exact"])]:
        ours = our_logits(options.minutelab, options.model, sequence, options.tokens, *flags)
        parted = [i for i in range(options.tokens) if int(ours[i].argmax()) != chosen[i]]
        # How far the token that ours prefers was behind.
        behind = [float(theirs[i].max() - theirs[i][ours[i].argmax()]) for i in parted]
        wrong = [gap for gap in behind if gap > 2 * own.max()]
        right = right and not wrong
        print(f"  {name:8} {options.tokens - len(parted)} of {options.tokens} choices are the same, the first "
              f"{parted[0] if parted else options.tokens} without a break; logits differ by {numpy.abs(ours - theirs).max():.3f}; "
              f"where they part, llama.cpp's token led by {', '.join(f'{gap:.3f}' for gap in behind) or '-'}"
              + (f": {len(wrong)} NO TIES" if wrong else ""), flush=True)
    text, written = llama.text(chosen), our_text(options.minutelab, options.model, prompt_text, options.tokens).rstrip("\n")
    common = next((i for i, (a, b) in enumerate(zip(text, written)) if a != b), min(len(text), len(written)))
    print(f"  generate: the first {common} of {len(text)} characters are the same", flush=True)
    return right


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("minutelab")
    parser.add_argument("texts", nargs="*", type=pathlib.Path)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--prompt-tokens", type=int, default=300)
    options = parser.parse_intermixed_args()
    llama = LlamaCpp(options.model, options.prompt_tokens + options.tokens + 16)
    results = [compare(options, llama, path) for path in options.texts or sorted(EXAMPLES.glob("*.txt"))]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
