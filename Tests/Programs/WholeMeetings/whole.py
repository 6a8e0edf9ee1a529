#!/usr/bin/env python3
"""Sends whole meetings through a running daemon and checks that nothing is lost, doubled or left out.

    whole.py FOLDER_OF_QMSUM_JSON [--limit N]     every meeting of the folder
    whole.py --long [--words 20000]               one long meeting, mixed from examples/

The daemon works on temporary folders with the given model. Meetings come as text or WebVTT, every third in numbered
chunks. Then, for each meeting, from the ledger and minutes.json: every utterance that was written is there exactly
once and in order, the windows cover all of them, each window has a summary, and the minutes say so. The table shows
the seconds a window took in the first and in the last third of the meeting, and the daemon's memory when the meeting
was finished. Exit status 1 if a check fails; the folders are then kept.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

import qmsum

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
CHUNKS = 4
STALL_SECONDS = 600  # without a new summary: something hangs
STOP_SECONDS = 5
# In a long meeting the last windows may take this much longer than the first ones, and the memory may grow this much
# after the first third. Both leave room for noise, not for a trend: the meeting triples in between.
LONG_SLOWDOWN, LONG_GROWTH_MB = 1.5, 64


class Meeting:
    """A meeting to be sent, and what is found of it afterwards."""

    def __init__(self, name, format, chunked, utterances):
        self.name, self.format, self.chunked, self.utterances = name, format, chunked, utterances
        self.words = sum(len(u.text.split()) for u in utterances)
        self.complaints = []
        self.memory_mb = None

    def send(self, incoming):
        """Puts the meeting into the spool, each file by a rename."""
        write, extension = qmsum.WRITERS[self.format], {"text": "txt", "vtt": "vtt"}[self.format]
        if not self.chunked:
            return place(incoming / f"{self.name}.{extension}", write(self.utterances))
        size = -(-len(self.utterances) // CHUNKS)
        for number, start in enumerate(range(0, len(self.utterances), size), 1):
            place(incoming / f"{self.name}.{number:04}.{extension}", write(self.utterances[start : start + size]))
        place(incoming / f"{self.name}.end", "")


def place(path, content):
    hidden = path.with_name("." + path.name)
    hidden.write_text(content, encoding="utf-8")
    hidden.rename(path)


def qmsum_meetings(folder, limit):
    files = sorted(pathlib.Path(folder).glob("*.json"))[:limit]
    if not files:
        sys.exit(f"whole.py: no *.json in {folder}: name a folder of QMSum meetings")
    meetings, empty = [], 0
    for index, file in enumerate(files):
        utterances, without_words = qmsum.read(file)
        empty += without_words
        meetings.append(Meeting(file.stem, ("text", "vtt")[index % 2], index % 3 == 2, utterances))
    print(f"{sum(len(m.utterances) for m in meetings)} utterances to send, {empty} without words left out")
    return meetings


def long_meeting(words, seed=1):
    """Stretches of the examples in a random order, until there are enough words."""
    turns = [
        re.fullmatch(r"\[[\d:]+\] ([^:]+): (.*)", line).groups()
        for line in (REPOSITORY / "examples/planning.txt").read_text(encoding="utf-8").splitlines()
    ]
    for line in (REPOSITORY / "examples/customer.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        turns.append((record["speaker"], record["text"]))
    random_source, mixed, count = random.Random(seed), [], 0
    while count < words:
        start = random_source.randrange(len(turns))
        stretch = turns[start : start + random_source.randint(5, 25)]
        mixed += stretch
        count += sum(len(text.split()) for _, text in stretch)
    return [Meeting("long", "text", False, qmsum.with_times(mixed))]


class Daemon:
    """A daemon on folders of its own, with its memory watched."""

    def __init__(self, folder, programs, model, settings={}):
        """`settings` are further ones, by their dotted names."""
        self.folder, self.memory = folder, []  # memory: (seconds since start, MB)
        config = folder / "minuted.yaml"
        config.write_text(
            f"folders:\n  state: {folder}/state\n"
            f"sockets:\n  ingest: {folder}/ingest.sock\n  control: {folder}/control.sock\n"
            f"model:\n  path: {pathlib.Path(model).resolve()}\n"
        )
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MINUTED_")}
        for key, value in settings.items():
            environment["MINUTED_" + re.sub(r"(?<=[a-z])(?=[A-Z])|[.]", "_", key).upper()] = value
        self.log = open(folder / "minuted.log", "w")
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [programs / "minuted", "--config", config], stdout=self.log, stderr=self.log, env=environment
        )
        self.incoming = folder / "state/spool/incoming"
        self.wait_until_up()

    def wait_until_up(self):
        while not (self.folder / "control.sock").exists() or not self.incoming.is_dir():
            self.check_alive()
            if time.monotonic() - self.started > 120:
                self.fail("the daemon was not up after 120 s")
            time.sleep(0.2)

    def check_alive(self):
        if self.process.poll() is not None:
            self.fail(f"the daemon ended with {self.process.returncode}")

    def fail(self, what):
        tail = (self.folder / "minuted.log").read_text(errors="replace").splitlines()[-20:]
        sys.exit("\n".join([f"whole.py: {what}; the end of its log ({self.folder}/minuted.log):", *tail]))

    def sample_memory(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        self.memory.append((time.monotonic() - self.started, kilobytes / 1024))
        return self.memory[-1][1]

    def ledger(self):
        return sqlite3.connect(f"file:{self.folder}/state/ledger.sqlite?mode=ro", uri=True, timeout=30)

    def wait_until_finished(self, meetings):
        waiting, summaries, changed = {m.name: m for m in meetings}, -1, time.monotonic()
        while waiting:
            time.sleep(1)
            self.check_alive()
            memory = self.sample_memory()
            with self.ledger() as ledger:
                finished = [n for (n,) in ledger.execute("SELECT name FROM meeting WHERE state = 'finished'")]
                (count,) = ledger.execute("SELECT COUNT(*) FROM summary").fetchone()
            for name in finished:
                if name in waiting:
                    waiting.pop(name).memory_mb = memory
                    print(f"  {name} finished after {self.memory[-1][0]:.0f} s", flush=True)
            if count != summaries:
                summaries, changed = count, time.monotonic()
            if time.monotonic() - changed > STALL_SECONDS:
                self.fail(f"no new summary for {STALL_SECONDS} s; unfinished: {sorted(waiting)}")

    def stop(self):
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_SECONDS * 4)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return [f"the daemon did not stop within {STOP_SECONDS * 4} s of SIGTERM"]
        took = time.monotonic() - begun
        slow = [f"the daemon took {took:.1f} s to stop"] if took > STOP_SECONDS else []
        return slow + ([f"the daemon ended with {status}"] if status else [])


def check(meeting, daemon):
    """Fills the meeting's complaints from the ledger and from its minutes."""
    complain = meeting.complaints.append
    with daemon.ledger() as ledger:
        row = ledger.execute("SELECT id, state FROM meeting WHERE name = ?", (meeting.name,)).fetchone()
        if row is None:
            return complain("not in the ledger")
        key, state = row
        got = ledger.execute(
            "SELECT sequence, speaker, text FROM utterance WHERE meeting = ? ORDER BY sequence", (key,)
        ).fetchall()
        windows = ledger.execute(
            "SELECT w.number, firstUtterance, endUtterance, givenUp, s.text, s.seconds, w.tokenCount FROM window w"
            " LEFT JOIN summary s ON s.meeting = w.meeting AND s.window = w.number"
            " WHERE w.meeting = ? ORDER BY w.number",
            (key,),
        ).fetchall()
        others = ledger.execute("SELECT name FROM meeting WHERE calledName = ?", (meeting.name,)).fetchall()
    if state != "finished":
        complain(f"state {state}")
    if len(others) != 1:
        complain(f"became {len(others)} meetings")
    compare(meeting, got)
    end = 0
    for number, first, last, given_up, summary, _, _ in windows:
        if first != end:
            complain(f"window {number} begins at {first} and not at {end}")
        if given_up or not summary or not summary.strip():
            complain(f"window {number} has no summary")
        end = last
    if end != len(meeting.utterances):
        complain(f"the windows end at {end} of {len(meeting.utterances)}")
    meeting.seconds = [w[5] or 0 for w in windows]
    meeting.tokens = sum(w[6] for w in windows)
    check_minutes(meeting, daemon.folder / "state/minutes" / meeting.name)


def compare(meeting, got):
    """Every utterance exactly once, in order."""
    wanted = [(u.speaker, u.text) for u in meeting.utterances]
    found = [(speaker, text) for _, speaker, text in got]
    if found == wanted:
        return
    missing = collections.Counter(wanted) - collections.Counter(found)
    surplus = collections.Counter(found) - collections.Counter(wanted)
    first = next((i for i, (a, b) in enumerate(zip(found, wanted)) if a != b), min(len(found), len(wanted)))
    meeting.complaints.append(
        f"{len(found)} utterances for {len(wanted)}: {missing.total()} missing, {surplus.total()} too many,"
        f" first difference at {first}: {str(found[first : first + 1])[:120]}"
    )


def check_minutes(meeting, folder):
    complain = meeting.complaints.append
    try:
        minutes = json.loads((folder / "minutes.json").read_text(encoding="utf-8"))
        markdown = (folder / "minutes.md").read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        return complain(f"minutes: {error}")
    coverage = minutes["coverage"]
    expected = {"utterances": len(meeting.utterances), "summarisedUtterances": len(meeting.utterances)}
    if {key: coverage[key] for key in expected} != expected or coverage["words"] != coverage["summarisedWords"]:
        complain(f"coverage in minutes.json: {coverage}")
    if minutes["state"] != "finished" or not minutes.get("summary"):
        complain(f"minutes.json: state {minutes['state']}, summary {bool(minutes.get('summary'))}")
    if "100% of what was said" not in markdown:
        complain("minutes.md does not say that everything is covered")


def thirds(values):
    """Medians of the first and of the last third."""
    size = max(1, len(values) // 3)
    return (statistics.median(values[:size]), statistics.median(values[-size:])) if values else (0, 0)


def check_long(meeting, daemon):
    """A long meeting neither slows down nor grows."""
    first, last = thirds(meeting.seconds)
    if last > first * LONG_SLOWDOWN:
        meeting.complaints.append(f"windows slowed down from {first:.2f} s to {last:.2f} s")
    early, late = thirds([megabytes for _, megabytes in daemon.memory])
    if late - early > LONG_GROWTH_MB:
        meeting.complaints.append(f"memory grew from {early:.0f} MB to {late:.0f} MB")


def print_table(meetings, daemon):
    columns = "{:<16} {:<5} {:<7} {:>7} {:>10} {:>8} {:>7} {:>12} {:>11} {:>7}  {}"
    print(columns.format("meeting", "form", "sent as", "words", "utterances", "windows", "tokens", "s/w, 1st 1/3",
                         "s/w, last", "RSS MB", "verdict"))  # fmt: skip
    for m in meetings:
        first, last = thirds(getattr(m, "seconds", []))
        print(columns.format(
            m.name, m.format, "chunks" if m.chunked else "whole", m.words, len(m.utterances),
            len(getattr(m, "seconds", [])), getattr(m, "tokens", 0), f"{first:.2f}", f"{last:.2f}",
            f"{m.memory_mb or 0:.0f}", "ok" if not m.complaints else "FAILED"))  # fmt: skip
        for complaint in m.complaints:
            print(f"    {complaint}")
    step = max(1, len(daemon.memory) // 10)
    print("RSS over time: " + ", ".join(f"{mb:.0f} MB at {s:.0f} s" for s, mb in daemon.memory[::step]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", help="a folder of QMSum JSON files")
    parser.add_argument("--long", action="store_true", help="one long meeting made of examples/ instead")
    parser.add_argument("--words", type=int, default=20_000, help="of the long meeting")
    parser.add_argument("--limit", type=int, help="only so many files of the folder")
    parser.add_argument("--model", default=os.environ.get("MINUTED_MODEL"), help="default: $MINUTED_MODEL")
    parser.add_argument("--programs", type=pathlib.Path, default=REPOSITORY / ".build/release")
    arguments = parser.parse_args()
    if not arguments.model or not os.path.exists(arguments.model):
        parser.error("no model: name one with --model or MINUTED_MODEL ('make model' fetches the default)")
    if arguments.long == bool(arguments.data):
        parser.error("name a folder of QMSum meetings, or --long")
    if not (arguments.programs / "minuted").exists():
        parser.error(f"no minuted in {arguments.programs}: run 'make build', or name its folder with --programs")

    meetings = long_meeting(arguments.words) if arguments.long else qmsum_meetings(arguments.data, arguments.limit)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="minuted-meetings."))
    daemon = Daemon(folder, arguments.programs, arguments.model)
    try:
        for meeting in meetings:
            meeting.send(daemon.incoming)
        daemon.wait_until_finished(meetings)
        time.sleep(2)  # minutes are written after the ledger
        stopping = daemon.stop()
        for meeting in meetings:
            check(meeting, daemon)
        if arguments.long:
            check_long(meetings[0], daemon)
    finally:
        if daemon.process.poll() is None:
            daemon.process.kill()
    print_table(meetings, daemon)
    failed = sum(bool(m.complaints) for m in meetings)
    for complaint in stopping:
        print(complaint)
    sent = sum(len(m.utterances) for m in meetings)
    print(f"{len(meetings)} meetings, {sent} utterances, {failed} meetings failed")
    if failed or stopping:
        sys.exit(f"whole.py: failed; everything is kept in {folder}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
