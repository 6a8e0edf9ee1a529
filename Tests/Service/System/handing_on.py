"""Handing minutes on, by a unit with a network and a user of its own; part of system.py."""

import http.server
import json
import os
import re
import threading

from machine import *

_UNITS = ("minuted-deliver@hook.service", "minuted-deliver@notes.service")
_SECRET = "/etc/minuted/webhook-secret"


class _Hook(http.server.BaseHTTPRequestHandler):
    """A web service that fails at first."""

    received = []
    failures = 1

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if _Hook.failures > 0:
            _Hook.failures -= 1
            self.send_error(503)
            return
        _Hook.received.append((self.headers["Idempotency-Key"], self.headers["webhook-signature"], body))
        self.send_response(204)
        self.end_headers()


def _deliveries(meeting):
    return json.loads(run("minutectl", "deliveries", meeting, "--json").stdout)["deliveries"]


def _unit_dropin(unit, text):
    folder = f"/run/systemd/system/{unit}.d"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/test.conf", "w", encoding="utf-8") as file:
        file.write("[Service]\n" + text)
    systemctl("daemon-reload")


def minutes_are_handed_on_by_a_unit_of_its_own():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(_SECRET, "w", encoding="utf-8") as file:
        file.write("whsec_c2VjcmV0\n")
    os.chmod(_SECRET, 0o600)
    os.makedirs("/srv/notes")
    run("chown", "minuted-deliver:", "/srv/notes")
    configure(f"""
delivery:
  hook:
    command: /usr/libexec/minuted/webhook http://127.0.0.1:{server.server_port}/hook
    retrySeconds: 0.2
  notes:
    command: /usr/libexec/minuted/markdown /srv/notes
""")
    run("minutectl", "reload")
    _unit_dropin(_UNITS[0], f"LoadCredential=webhook-secret:{_SECRET}\n")
    _unit_dropin(_UNITS[1], "ReadWritePaths=/srv/notes\n")
    assert run("systemd-analyze", "verify", "/lib/systemd/system/minuted-deliver@.service").stdout == ""
    level = run("systemd-analyze", "security", "--no-pager", _UNITS[0]).stdout
    assert float(re.search(r"Overall exposure level[^:]*: ([0-9.]+)", level)[1]) <= 2.5, level
    # It waits as long as nobody hands on, and says so.
    summarise("handed")
    assert [d["state"] for d in _deliveries("handed")] == ["waiting", "waiting"]
    assert "2 to be handed on" in run("minutectl", "status").stdout
    mark = now()
    systemctl("start", *_UNITS)
    done = until("both are delivered", lambda: all(d["state"] == "delivered" for d in _deliveries("handed")))
    assert done
    [(key, signature, body)] = _Hook.received
    assert key == next(d["id"] for d in _deliveries("handed") if d["target"] == "hook")
    assert signature.startswith("v1,") and body["meeting"] == "handed" and body["markdown"].startswith("# "), body
    with open("/srv/notes/handed.md", encoding="utf-8") as file:
        assert file.read().startswith('---\ntitle: "handed"\n')
    records = said("handed minutes on", mark)
    assert {r["MINUTED_TARGET"] for r in records} == {"hook", "notes"}, records
    # It survives the daemon, and finds what comes later.
    systemctl("restart", UNIT)
    summarise("handed-later")
    until("it is delivered", lambda: all(d["state"] == "delivered" for d in _deliveries("handed-later")))


def whoever_hands_on_may_do_nothing_else():
    user = ("setpriv", "--reuid", "minuted-deliver", "--regid", "minuted-deliver", "--groups", "minuted", "--")
    for command in (["list"], ["show", "handed"], ["pause"], ["deliveries"]):
        refused = run(*user, "minutectl", *command, check=False)
        assert refused.returncode == 77 and "nothing else" in refused.stdout, (command, refused)
    assert run("minutectl", "deliver", "hook", "--once", user="alice", check=False).returncode == 77
    process = property_of("MainPID", _UNITS[0])
    inside = ("nsenter", "-t", process, "-m", "--")
    assert run(*inside, "ls", STATE, check=False).returncode != 0 or run(*inside, "ls", STATE).stdout == ""
    # In the place of what is hidden is something that nobody may use.
    assert run(*inside, "test", "-S", "/run/minuted/control.sock", check=False).returncode == 0
    kind = run(*inside, "stat", "-c", "%a", "/run/minuted/ingest.sock", check=False)
    assert kind.returncode != 0 or kind.stdout.strip() == "0", kind


def what_was_handed_on_is_out_of_reach_and_said():
    told = run("minutectl", "forget", "handed").stdout
    for target in ("hook", "notes"):
        assert f"minutes of handed were handed on to '{target}'" in told, told
    systemctl("stop", *_UNITS)
    assert systemctl("is-failed", *_UNITS, check=False).split() == 2 * ["inactive"]
    configure("# nothing\n")
    run("minutectl", "reload")
    os.remove(_SECRET)
