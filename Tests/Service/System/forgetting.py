"""Forgetting, keeping and copying, under systemd with all of its confinement; part of system.py."""

import json
import os

from machine import *

WORDS = [f"Ada Okafor: zwickelgarn and pumpernusskern {number} belong into the vault of quitzdorf"
         for number in range(12)]


def traces():
    """Files below the state folder that have any of the rare words, raw."""
    return run("grep", "-rlaE", "zwickelgarn|pumpernusskern|quitzdorf", STATE, check=False).stdout.split()


def what_is_forgotten_leaves_no_trace():
    configure("# nothing\n")
    start()
    systemctl("restart", UNIT)
    line = Line()
    line.say('{"meeting": "vault", "ack": true, "sender": "recorder"}', *WORDS)
    while '"ack":11' not in line.hear():
        pass
    until("there are minutes", lambda: minutes("vault"))
    assert f"{STATE}/ledger.sqlite" in traces() or f"{STATE}/ledger.sqlite-wal" in traces()
    refused = run("minutectl", "forget", "vault", user="alice", check=False)
    assert refused.returncode == 77 and "only root" in refused.stdout, refused
    mark = now()
    told = run("minutectl", "forget", "vault", "--reason", "asked for by letter").stdout
    assert "forgotten: vault: 12 utterances" in told, told
    assert traces() == [], traces()
    line.say("Ada: quitzdorf once more")
    assert "was forgotten" in line.hear()
    assert traces() == [], traces()
    listed = run("minutectl", "forgotten").stdout
    assert "vault, by root (0): asked for by letter" in listed, listed
    [record] = said("forgot", mark)
    assert record["MINUTED_MEETING"] == "vault" and record["MINUTED_UTTERANCES"] == "12", record


def a_person_is_replaced_in_all_meetings():
    line = Line()
    line.say('{"meeting": "named"}', *WORDS, '{"end": true}')
    until_finished("named")
    told = run("minutectl", "forget", "--speaker", "Ada Okafor").stdout
    assert "replaced in named" in told, told
    assert run("grep", "-rla", "Ada Okafor", STATE, check=False).stdout == ""
    assert minutes("named")["participants"][0]["name"] == "Person 1"
    run("minutectl", "forget", "named")


def a_sweep_says_what_it_would_remove():
    configure("retention:\n  minutes: 30\n")
    run("systemctl", "reload", UNIT)
    assert run("minutectl", "sweep", "--dry-run", user="alice").stdout.endswith("0 things would go\n")
    assert run("minutectl", "sweep", user="alice", check=False).returncode == 77
    assert run("minutectl", "sweep").stdout.endswith("0 things went\n")
    configure("# nothing\n")


def a_backup_brings_everything_back():
    names = [name_of(m) for m in json.loads(run("minutectl", "list", "--all", "--json").stdout)["meetings"]]
    told = run("minutectl", "backup", "/srv/minuted.db").stdout
    assert f"{len(names)} meetings" in told, told
    assert os.stat("/srv/minuted.db").st_mode & 0o777 == 0o600
    assert run("minutectl", "restore", "/srv/minuted.db", "--replace", check=False).returncode == 75
    systemctl("stop", UNIT, "minuted.socket", "minuted-control.socket")
    run("sh", "-c", f"rm -rf {STATE}/ledger.sqlite* {STATE}/minutes/* {STATE}/spool/done/*")
    run("minutectl", "restore", "/srv/minuted.db")
    roots = run("find", STATE, "-path", f"{STATE}/models", "-prune", "-o", "-path", f"{STATE}/spool/*/*",
                "-prune", "-o", "-user", "root", "-print").stdout
    assert roots == "", roots
    systemctl("start", "minuted.socket", "minuted-control.socket", UNIT)
    for name in names:
        until(f"the minutes of {name} are there", lambda: minutes(name))
    os.remove("/srv/minuted.db")


from finding import *  # These follow.
from handing_on import *
