#!/usr/bin/env python3
"""Sends several meetings to a running daemon at the pace of speech, and measures how long their windows wait.

    paced.py --model MODEL [--meetings 16] [--minutes 6] [--apart 6] [--set KEY=VALUE...]

The meetings are made of examples/, each mixed differently, and begin some seconds after one another. Each goes over the
ingest socket, an utterance when it has been said, at 150 words a minute. From the ledger: how long after a window's end
its summary was there, over all windows that closed while people spoke; and for the first and the second half of the time,
since waits that grow mean that the machine does not keep up. KEY=VALUE are settings of the daemon, for example
segmentation.topics=false, which closes windows by size alone, at once. A model with random weights writes as much as it
may, several times over; model.contextLength=1100 allows it 137 tokens for an answer.
"""

import argparse
import heapq
import os
import pathlib
import shutil
import socket
import statistics
import sys
import tempfile
import time

import whole


class Sender:
    """A meeting on a connection of its own."""

    def __init__(self, folder, name, utterances):
        self.utterances = utterances
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(str(folder / "ingest.sock"))
        self.connection.sendall(f'{{"meeting": "{name}", "format": "jsonl"}}\n'.encode())
        self.next = 0

    def due(self):
        """When the next utterance has been said, in seconds of the meeting; None if there is none."""
        return self.utterances[self.next].end if self.next < len(self.utterances) else None

    def send(self):
        said = self.utterances[self.next]
        self.next += 1
        line = whole.json.dumps({"speaker": said.speaker, "start": said.start, "end": said.end, "text": said.text})
        self.connection.sendall(line.encode() + b"\n")


def speak(senders, apart, seconds):
    """Sends what is said in `seconds`, each utterance when its time has come."""
    begin = time.monotonic()
    queue = [(index * apart + sender.due(), index) for index, sender in enumerate(senders)]
    heapq.heapify(queue)
    while queue and queue[0][0] < seconds:
        due, index = heapq.heappop(queue)
        time.sleep(max(0, begin + due - time.monotonic()))
        senders[index].send()
        following = senders[index].due()
        if following is not None:
            heapq.heappush(queue, (index * apart + following, index))
    time.sleep(max(0, begin + seconds - time.monotonic()))


def windows(daemon):
    """When each window closed, when its summary was there (None: not yet), its tokens and those of the answer."""
    with daemon.ledger() as ledger:
        return ledger.execute(
            "SELECT w.closedAt, s.committedAt, w.tokenCount, s.generatedTokens FROM window w LEFT JOIN summary s"
            " ON s.meeting = w.meeting AND s.window = w.number ORDER BY w.closedAt"
        ).fetchall()


def processor_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(found, begin, seconds, used, megabytes):
    waits = [(closed - begin, (done or time.time()) - closed, done is None) for closed, done, _, _ in found]
    if not waits:
        sys.exit("paced.py: no window closed: let them speak for longer")
    ordered = sorted(wait for _, wait, _ in waits)
    print(
        f"{len(waits)} windows of {statistics.mean(tokens for _, _, tokens, _ in found):.0f} tokens closed, answers of "
        f"{statistics.mean([answer for *_, answer in found if answer is not None] or [0]):.0f} tokens; "
        f"{sum(open_ for *_, open_ in waits)} still without a summary"
    )
    print(
        f"seconds from a window's end to its summary: median {statistics.median(ordered):.1f}, "
        f"nine of ten at most {ordered[int(0.9 * (len(ordered) - 1))]:.1f}, longest {ordered[-1]:.1f}"
    )
    for name, half in [("first", lambda at: at < seconds / 2), ("second", lambda at: at >= seconds / 2)]:
        part = [wait for at, wait, _ in waits if half(at)]
        if part:
            print(f"  {name} half: {len(part)} windows, median {statistics.median(part):.1f}, longest {max(part):.1f}")
    print(f"processor time {used:.0f} s in {seconds:.0f} s ({used / seconds / os.cpu_count():.0%}); {megabytes:.0f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--programs", type=pathlib.Path, default=whole.REPOSITORY / ".build/release")
    parser.add_argument("--meetings", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=6, help="for which people speak")
    parser.add_argument("--apart", type=float, default=6, help="seconds from one meeting's beginning to the next one's")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the daemon")
    arguments = parser.parse_args()
    seconds = arguments.minutes * 60
    words = int(arguments.minutes * whole.qmsum.WORDS_PER_MINUTE) + 200
    folder = pathlib.Path(tempfile.mkdtemp(prefix="minuted-paced."))
    daemon = whole.Daemon(folder, arguments.programs, arguments.model, dict(item.split("=", 1) for item in arguments.set))
    try:
        senders = [
            Sender(folder, f"paced-{number}", whole.long_meeting(words, seed=number)[0].utterances)
            for number in range(arguments.meetings)
        ]
        begin, before = time.time(), processor_seconds(daemon.process)
        speak(senders, arguments.apart, seconds)
        daemon.check_alive()
        report(windows(daemon), begin, seconds, processor_seconds(daemon.process) - before, daemon.sample_memory())
    finally:
        daemon.process.kill()
        daemon.process.wait()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
