#!/usr/bin/env python3
"""Compares `minutelab rouge` with the package rouge-score on DialogSum.

    python rouge.py MINUTELAB DATA...

DATA are DialogSum files (*.jsonl) or folders of them. For every dialogue, these texts are scored against all of its
references: its first three utterances, its longest three, the whole dialogue, its words in another order, and the
summary of the next dialogue; each reference is also scored against the others. The scores are precision, recall and F1
of ROUGE-1, 2, L and Lsum with and without stemming, as the mean over the references and as the best of them. Prints the
largest difference of each kind; the exit status is 1 if one is above 1e-6.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy
from rouge_score import rouge_scorer

KINDS = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
LIMIT = 1e-6


def dialogues(paths):
    files = [file for path in map(pathlib.Path, paths) for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            keys = ["summary"] + [f"summary{number}" for number in range(1, 10)]
            yield record["dialogue"], [record[key] for key in keys if key in record]


def texts(data):
    """The predictions to score, each with a name and its references."""
    generator = random.Random(1)
    for number, (dialogue, references) in enumerate(data):
        lines = dialogue.splitlines()
        longest = set(sorted(range(len(lines)), key=lambda index: -len(lines[index]))[:3])
        words = dialogue.split(" ")
        generator.shuffle(words)
        yield "lead-3", "\n".join(lines[:3]), references
        yield "longest 3", "\n".join(line for index, line in enumerate(lines) if index in longest), references
        yield "dialogue", dialogue, references
        yield "shuffled", " ".join(words), references
        yield "next summary", data[(number + 1) % len(data)][1][0], references
        for index, reference in enumerate(references):
            others = references[:index] + references[index + 1 :]
            if others:
                yield "references", reference, others


def expected(scorer, prediction, references):
    each = [scorer.score(reference, prediction) for reference in references]
    best = scorer.score_multi(references, prediction)
    return {
        "mean": {kind: numpy.mean([list(scores[kind]) for scores in each], axis=0) for kind in KINDS},
        "best": {kind: numpy.array(list(best[kind])) for kind in KINDS},
    }


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    data = list(dialogues(sys.argv[2:]))
    cases = list(texts(data))
    print(f"{len(data)} dialogues, {len(cases)} predictions with {sum(len(case[2]) for case in cases)} references")
    worst = {}
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "texts.jsonl")
        with file.open("w", encoding="utf-8") as output:
            for _, prediction, references in cases:
                output.write(json.dumps({"prediction": prediction, "references": references}) + "\n")
        for stemmed in (False, True):
            command = [sys.argv[1], "rouge", str(file)] + ["--stem"] * stemmed
            lines = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
            assert len(lines) == len(cases), "an answer for each line"
            scorer = rouge_scorer.RougeScorer(KINDS, use_stemmer=stemmed)
            for (name, prediction, references), line in zip(cases, lines):
                found = json.loads(line)
                for pooling, scores in expected(scorer, prediction, references).items():
                    for kind, values in scores.items():
                        difference = float(numpy.abs(values - numpy.array(found[pooling][kind])).max())
                        key = (name, "stems" if stemmed else "words")
                        worst[key] = max(worst.get(key, 0), difference)
    print(f"{'prediction':14} {'compared':9} largest difference")
    for (name, compared), difference in sorted(worst.items()):
        print(f"{name:14} {compared:9} {difference:.2e}")
    largest = max(worst.values())
    print(f"largest difference of all: {largest:.2e} (at most {LIMIT:.0e} is wanted)")
    sys.exit(largest > LIMIT)


if __name__ == "__main__":
    main()
