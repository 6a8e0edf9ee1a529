"""What the tests do to the machine: commands, systemd, the journal, sockets."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time

STATE = "/var/lib/minuted"
CONFIGURATION = "/etc/minuted/minuted.yaml"
INGEST, CONTROL = "/run/minuted/ingest.sock", "/run/minuted/control.sock"
UNIT = "minuted.service"
SMALL_WINDOWS = "segmentation:\n  maximumTokens: 300\n  minimumTokens: 0\n  topics: false\n"
# "agenda" and "budget" are what no log record may have.
TALK = [f"Ada: point {number} of the agenda is the budget for the {place}, which we have to settle by Friday"
        for number, place in enumerate(["garden", "kitchen", "office", "workshop"] * 10)]


def run(*command, user=None, check=True, text=None):
    """Runs a command, as `user` if one is given; its standard error is in `stdout` too."""
    if user:
        command = ("setpriv", "--reuid", user, "--regid", user, "--init-groups", "--", *command)
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", input=text,
        stdin=None if text is not None else subprocess.DEVNULL, timeout=300)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}")
    return done


def systemctl(*arguments, check=True):
    return run("systemctl", "--no-pager", *arguments, check=check).stdout


def property_of(name, unit=UNIT):
    return systemctl("show", unit, "--value", "-p", name).strip()


def pid():
    return int(property_of("MainPID"))


def until(what, condition, seconds=120):
    """Waits until `condition()` is true, and returns what it returned."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"not within {seconds} s: {what}\n{trail()}"
        time.sleep(0.1)


def trail(lines=40):
    return run("journalctl", "--no-pager", "-n", str(lines), check=False).stdout


def now():
    """Where the journal is: for `records(after=...)`."""
    run("journalctl", "--sync")
    done = run("journalctl", "-n", "1", "-o", "json", "--no-pager")
    return json.loads(done.stdout.splitlines()[-1])["__CURSOR"]


def records(*matches, after=None):
    """What the daemon logged, each record a dictionary of its fields; only those with all of `matches`, FIELD=VALUE."""
    run("journalctl", "--sync")
    # journalctl's own matches and --after-cursor do not go together: a cursor that does not match swallows a record.
    since = [f"--after-cursor={after}"] if after else []
    done = run("journalctl", "-q", "--all", "-o", "json", "--no-pager", *since)
    wanted = dict(match.split("=", 1) for match in ("SYSLOG_IDENTIFIER=minuted", *matches))
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [record for record in found if all(record.get(field) == value for field, value in wanted.items())]


def said(message, after=None, *matches):
    return [r for r in records(*matches, after=after) if r["MESSAGE"].startswith(message)]


def status(name):
    """The state of a meeting, nil if there is none."""
    meetings = json.loads(run("minutectl", "list", "--json").stdout).get("meetings", [])
    return next((m for m in meetings if name_of(m) == name), None)


def name_of(meeting):
    return meeting["id"]["name"] if isinstance(meeting["id"], dict) else meeting["id"]


def minutes(name):
    try:
        with open(f"{STATE}/minutes/{name}/minutes.json", encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def until_finished(name, seconds=300):
    def finished():
        document = minutes(name)
        return document if document and document["state"] == "finished" else None
    return until(f"{name} is finished", finished, seconds)


def configure(text):
    with open(CONFIGURATION, "w", encoding="utf-8") as file:
        file.write(text)


def summarise(name):
    line = Line()
    line.say(json.dumps({"meeting": name}), *TALK[:8], '{"end": true}')
    until_finished(name)


def may(user, *command):
    """Whether a user can run the command to a good end."""
    return run(*command, user=user, check=False).returncode == 0


def repair(user):
    """Has a user mend what is to be mended; afterwards the daemon can write all that it has to."""
    told = run("minutectl", "fsck", "--repair", user=user, check=False)
    roots = run("find", STATE, "-path", f"{STATE}/models", "-prune", "-o", "-path", f"{STATE}/spool/*/*", "-prune",
                "-o", "-user", "root", "-print").stdout
    assert roots == "", roots
    return told.stdout


def start():
    """Starts the daemon, however often it was started before."""
    run("systemctl", "reset-failed", UNIT)
    systemctl("start", UNIT)


def dropin(text):
    folder = f"/run/systemd/system/{UNIT}.d"
    if text is None:
        shutil.rmtree(folder)
    else:
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/test.conf", "w", encoding="utf-8") as file:
            file.write(text)
    systemctl("daemon-reload")


class Line:
    """A connection to the ingest socket."""

    def __init__(self, path=INGEST):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(120)
        self.socket.connect(path)
        self.rest = b""

    def say(self, *lines):
        self.socket.sendall("".join(line + "\n" for line in lines).encode())

    def hear(self):
        """The next answer; '' if the daemon has closed."""
        while b"\n" not in self.rest:
            piece = self.socket.recv(4096)
            if not piece:
                return ""
            self.rest += piece
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode()

    def close(self):
        self.socket.close()


class StoppedThread:
    """The thread of a process that runs the engine, and that alone, stopped by ptrace(2) until `release()`.

    By a process of its own, since a thread cannot end before its tracer lets go of it.
    """

    def __init__(self, process):
        self.tracer = subprocess.Popen(
            [sys.executable, "-c", TRACER, str(process)], stdout=subprocess.PIPE, encoding="utf-8")
        assert self.tracer.stdout.readline() == "stopped\n", f"no thread of {process} could be stopped"

    def release(self):
        self.tracer.kill()
        self.tracer.wait()


TRACER = """
import ctypes, os, sys, time
library = ctypes.CDLL(None)
library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
folder = f"/proc/{sys.argv[1]}/task"
def name(thread):
    return open(f"{folder}/{thread}/comm").read().strip()
thread = int(next(thread for thread in os.listdir(folder) if name(thread) == "inference"))
SEIZE, INTERRUPT = 0x4206, 0x4207
assert library.ptrace(SEIZE, thread, None, None) == 0 and library.ptrace(INTERRUPT, thread, None, None) == 0
print("stopped", flush=True)
time.sleep(3600)
"""
