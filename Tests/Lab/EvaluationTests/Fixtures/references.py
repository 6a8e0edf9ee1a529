#!/usr/bin/env python3
"""Writes references.json: the results of rouge-score and NLTK for small texts.

    pip install -r requirements.txt && ./references.py

The texts were written for this test.
"""

import json
import pathlib
import random

import numpy
from nltk.metrics.segmentation import pk, windowdiff
from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer, scoring

KINDS = ["rouge1", "rouge2", "rougeL", "rougeLsum"]

TEXTS = [
    "",
    "!?",
    "Yes.",
    "The harbour master says the ferry will not sail before noon.",
    "The ferry will sail after noon, says the master of the harbour; nobody believes the harbour master.",
    "Nobody believes the ferry sails.\nThe harbour is closed\n\n until noon.\nThe ferry, the ferry, the ferry!",
    "#Person1# asks #Person2# for 1,200 nails and 3.5 litres of paint\r\nand #Person2#'s brother pays.",
    "CAFÉ naïve Ünder \u212Aelvin \u0130stanbul stra\u00dfe: don't re-use the organisations' organizational skies",
    "dying news proceed exceeding innings innings; flies died, ties tied, happily enjoying the yearly yells",
    "a a a a b b b a a b\na b a b\nb b a",
    "b a a b\na a a\nb a b a b b b",
    "Rationally relational conditional valenci hesitanci digitizer conformabli radicalli differentli vileli "
    "analogousli vietnamization predication operator feudalism decisiveness hopefulness callousness formaliti "
    "sensitiviti sensibiliti geologi archaeologi hopefulli totalli",
]

WORDS = """
    a by sky skies dying lying tying news innings inning outings outing cannings canning howe proceed exceed succeed
    proceeds exceeded caresses ponies ties dies flies caress cats feed agreed plastered bled motoring sing conflated
    troubled sized hopping tanned falling hissing fizzed failing filing spied died happy enjoy enjoyment spy fly try toy
    yyyy syzygy yes triplicate formative formalize electricity electrical hopeful goodness revival allowance inference
    airliner gyroscopic adjustable defensible irritant replacement adjustment dependent adoption homologous communism
    activate angularity effective bowdlerize probate rate cease controlling rolling roll controll an as ed ing eed aed
    being bring thing king ally rally totally generally finally really normally oscillator radically possibly ably
    logic geology theology archaeology analogy apology biologist organisation organization ion lion union onion fashion
    mission option 4th 1990s x2ing aly alli ballistic ality ialli ational tional eli ousli fulli logi s ss sss oss
    us is bus buses gas gases axes boxes wishes watches agree agreeing freed freeing seeing skiing dyed eye eyed
    owed owing snowing bowed boxed playing stayed tried trying cries cried mied ieds able iced aced used using
    rugged egged added adding erred erring buzzing missed passing spelled yelling controlled
""".split()


def scores(rouge):
    return {kind: list(score) for kind, score in rouge.items()}


def pairs():
    result = []
    for stemmed in (False, True):
        scorer = rouge_scorer.RougeScorer(KINDS, use_stemmer=stemmed)
        for reference in TEXTS:
            for prediction in TEXTS:
                found = scores(scorer.score(reference, prediction))
                result.append([stemmed, TEXTS.index(reference), TEXTS.index(prediction), found])
    return result


def best():
    scorer = rouge_scorer.RougeScorer(KINDS, use_stemmer=True)
    return [scores(scorer.score_multi(TEXTS[3:7], prediction)) for prediction in TEXTS]


def aggregate():
    """The intervals that rouge-score gives after a seed, for two kinds one after the other."""
    scorer = rouge_scorer.RougeScorer(["rouge1", "rougeL"], use_stemmer=True)
    aggregator = scoring.BootstrapAggregator(n_samples=200)
    for prediction in TEXTS[3:]:
        aggregator.add_scores(scorer.score(TEXTS[4], prediction))
    numpy.random.seed(7)
    return {
        kind: {"low": list(found.low), "mid": list(found.mid), "high": list(found.high)}
        for kind, found in aggregator.aggregate().items()
    }


def segmentations():
    generator = random.Random(3)
    result = []
    for length, share in [(12, 0.2), (40, 0.1), (41, 0.3), (100, 0.05), (7, 1.0), (30, 0.0)]:
        both = ["".join("1" if generator.random() < share else "0" for _ in range(length - 1)) for _ in range(2)]
        reference, hypothesis = (text + "1" for text in both)
        half = int(round(length / (reference.count("1") * 2.0)))
        for window in sorted({half, 2, 3, 5}):
            result.append(
                {
                    "reference": reference,
                    "hypothesis": hypothesis,
                    "window": window,
                    "half": half,
                    "pk": pk(reference, hypothesis, window),
                    "windowdiff": windowdiff(reference, hypothesis, window),
                }
            )
    return result


def main():
    stemmer = PorterStemmer()
    fixture = {
        "texts": TEXTS,
        "pairs": pairs(),
        "best": best(),
        "aggregate": aggregate(),
        "stems": {word: stemmer.stem(word) for word in WORDS},
        "segmentations": segmentations(),
        "drawn": {
            str(seed): [
                int(number)
                for bound in (1, 2, 250, 1000)
                for number in numpy.random.RandomState(seed).choice(numpy.arange(bound), size=5)
            ]
            for seed in (0, 7, 4294967295)
        },
    }
    path = pathlib.Path(__file__).with_name("references.json")
    path.write_text(json.dumps(fixture, ensure_ascii=True, separators=(",", ":")) + "\n", encoding="ascii")
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
