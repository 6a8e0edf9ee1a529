#!/usr/bin/env python3
"""Converts a QMSum meeting to a transcript as people have it: plain text or WebVTT.

    qmsum.py MEETING.json --format text|vtt [--output FILE]

QMSum (https://github.com/Yale-LILY/QMSum, MIT) gives `meeting_transcripts`, a list of {speaker, content}, tokenised
(`it 's fine , really .`) and with marks such as `{vocalsound}`. The marks are taken out, the punctuation is joined to
its word, and what is left empty is left out. QMSum has no times: they are made up at 150 words a minute.
Prints how many utterances were written and how many were empty on stderr.
"""

import argparse
import json
import pathlib
import re
import sys
from typing import NamedTuple

WORDS_PER_MINUTE = 150
# Between turns of one speaker, who would otherwise be taken to go on with the sentence; and between speakers.
PAUSE_SAME_SPEAKER, PAUSE = 2.0, 0.3


class Utterance(NamedTuple):
    speaker: str
    text: str
    start: float  # seconds
    end: float


def clean(content):
    """Running text from QMSum's tokens."""
    text = re.sub(r"\{[a-z]+\}", " ", content)
    text = re.sub(r"\s+([.,?!;:%])(?=\s|$)", r"\1", text)
    text = re.sub(r"\s+('(?:s|m|d|re|ve|ll|t)|n't)\b", r"\1", text)
    text = re.sub(r"(\w) - (?=\w)", r"\1-", text)
    text = " ".join(text.split())
    # Where only marks were spoken, their punctuation is left.
    return text if re.search(r"\w", text) else ""


def name(speaker):
    """The speaker without the office in brackets: `The Chair (Hon. A. Rota (Nipissing, Lib.))` is no name."""
    return " ".join(re.sub(r"\(.*\)\s*$", "", speaker).split()) or "Unknown"


def with_times(turns):
    """Utterances from pairs of speaker and text."""
    utterances, time, last = [], 1.0, None
    for speaker, text in turns:
        if last is not None:
            time += PAUSE_SAME_SPEAKER if speaker == last else PAUSE
        end = time + max(0.4, len(text.split()) * 60 / WORDS_PER_MINUTE)
        utterances.append(Utterance(speaker, text, time, end))
        time, last = end, speaker
    return utterances


def read(path):
    """The utterances of a QMSum file, and how many of its entries had no words."""
    entries = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["meeting_transcripts"]
    turns = [(name(entry["speaker"]), clean(entry["content"])) for entry in entries]
    spoken = [turn for turn in turns if turn[1]]
    return with_times(spoken), len(turns) - len(spoken)


def clock(seconds):
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def as_text(utterances):
    return "".join(f"[{clock(u.start)[:8]}] {u.speaker}: {u.text}\n" for u in utterances)


def as_vtt(utterances):
    def escaped(text):
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    cues = (
        f"{number}\n{clock(u.start)} --> {clock(u.end)}\n<v {escaped(u.speaker)}>{escaped(u.text)}</v>\n"
        for number, u in enumerate(utterances, 1)
    )
    return "\n".join(["WEBVTT\n", *cues])


WRITERS = {"text": as_text, "vtt": as_vtt}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("meeting", help="a QMSum JSON file")
    parser.add_argument("--format", choices=WRITERS, default="text")
    parser.add_argument("--output", help="where to write; stdout if absent")
    arguments = parser.parse_args()
    utterances, empty = read(arguments.meeting)
    transcript = WRITERS[arguments.format](utterances)
    if arguments.output:
        pathlib.Path(arguments.output).write_text(transcript, encoding="utf-8")
    else:
        sys.stdout.write(transcript)
    print(f"{len(utterances)} utterances written, {empty} without words left out", file=sys.stderr)


if __name__ == "__main__":
    main()
