"""Finding and watching over, under systemd with all of its confinement; part of system.py."""

import os

from machine import *

METRICS = "/var/lib/node-exporter"


def page(name):
    """One of the pages of all meetings; empty if it is not there."""
    try:
        with open(f"{STATE}/minutes/{name}.html", encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def what_was_said_is_found_by_those_who_may_read_it():
    configure("output:\n  group: board=board, default=minuted\n")
    dropin("[Service]\nSupplementaryGroups=board\nSystemCallFilter=@chown\n")
    start()
    systemctl("restart", UNIT)
    line = Line()
    line.say('{"meeting": "standup-9", "title": "Zwetschge"}', "Ada: the vorlaut printer is mended", '{"end": true}')
    until_finished("standup-9")
    line = Line()
    line.say('{"meeting": "board-9"}', "Ada: the vorlaut budget is cut", '{"end": true}')
    until_finished("board-9")
    for user, meetings in ((None, {"standup-9", "board-9"}), ("alice", {"standup-9"})):
        told = run("minutectl", "search", "VORLAUT", user=user).stdout
        assert {m for m in ("standup-9", "board-9") if f"{m}  " in told} == meetings, told
        assert f"{STATE}/minutes/standup-9/minutes.html#u0" in told, told
    assert run("minutectl", "search", "vorlaut", "--meeting", "board-9", user="alice", check=False).returncode == 77
    assert run("minutectl", "search", "vorlaut", user="bob", check=False).returncode != 0
    # The same for the pages of all meetings.
    until("it is in the page", lambda: "standup-9/" in page("index-minuted"))
    assert run("minutectl", "open", "--print", user="alice").stdout.strip().endswith("/index-minuted.html")
    assert may("alice", "cat", f"{STATE}/minutes/index-minuted.html")
    for name in ("index", "index-board"):
        assert not may("alice", "cat", f"{STATE}/minutes/{name}.html"), name
    assert "board-9" not in page("index-minuted") and "board-9" in page("index-board")
    run("minutectl", "forget", "board-9")
    assert "board-9" not in page("index") and "Zwetschge" in page("index")
    # Without a daemon the ledger is read, by those who may.
    systemctl("stop", UNIT, "minuted.socket", "minuted-control.socket")
    assert "standup-9  " in run("minutectl", "search", "vorlaut").stdout
    assert run("minutectl", "search", "vorlaut", user="alice", check=False).returncode not in (0, 1)
    assert run("find", STATE, "-maxdepth", "1", "-name", "ledger*", "-user", "root").stdout == ""
    dropin(None)
    configure("# nothing\n")
    run("minutectl", "forget", "standup-9")
    systemctl("start", "minuted.socket", "minuted-control.socket", UNIT)


def metrics_are_written_for_the_collector():
    run("install", "-d", "-g", "minuted", "-m", "2775", METRICS)
    configure(f"metrics:\n  file: {METRICS}/minuted.prom\n  seconds: 1\n")
    mark = now()
    systemctl("restart", UNIT)
    [record] = until("it says that it may not", lambda: said("metrics cannot be written", mark))
    assert record["MINUTED_FILE"] == f"{METRICS}/minuted.prom", record
    dropin(f"[Service]\nReadWritePaths={METRICS}\n")
    systemctl("restart", UNIT)
    path = f"{METRICS}/minuted.prom"
    until("it is written", lambda: os.path.exists(path))
    assert may("bob", "cat", path)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert "\nminuted_up 1\n" in text and "minuted_disk_free_bytes " in text, text
    told = run("minutectl", "metrics", user="alice").stdout
    names = {line.split("{")[0].split(" ")[0] for line in told.splitlines() if not line.startswith("#")}
    assert {"minuted_up", "minuted_meetings", "minuted_tokens_total", "minuted_oldest_waiting_seconds"} <= names, told
    systemctl("stop", UNIT)
    assert not os.path.exists(path)
    dropin(None)
    configure("# nothing\n")
    start()
