#!/usr/bin/env python3
"""The Debian package on a machine with a real systemd and journald, from its installation to its purge.

    system.py FOLDER MODEL [PART]...       FOLDER: minuted.deb and examples; PART: only tests with this in their name

The tests build on each other and run in their order. As root, on a machine that may be thrown away.
"""

import grp
import json
import os
import re
import shutil
import sys
import threading
import time
import traceback

from machine import *

FOLDER, MODEL, PARTS = sys.argv[1], sys.argv[2], sys.argv[3:]
PACKAGE = f"{FOLDER}/minuted.deb"


def installing_asks_nothing_and_opens_the_sockets():
    run("apt-get", "install", "--yes", PACKAGE)
    for name in ("alice", "bob", "carol"):
        run("useradd", "--create-home", name)
    run("groupadd", "board")
    run("useradd", "--create-home", "--groups", "board", "dave")
    for member in ("alice", "carol"):
        run("usermod", "--append", "--groups", "minuted", member)
    assert systemctl("is-active", "minuted.socket", "minuted-control.socket").split() == 2 * ["active"]
    for unit in (UNIT, "minuted.socket", "minuted-control.socket"):
        assert systemctl("is-enabled", unit).strip() == "enabled", unit
    # Without a model there is nothing to start.
    assert systemctl("is-active", UNIT, check=False).strip() == "inactive"
    assert systemctl("is-failed", UNIT, check=False).strip() != "failed"


def the_units_are_clean_and_safe():
    units = [f"/lib/systemd/system/{unit}" for unit in (UNIT, "minuted.socket", "minuted-control.socket")]
    assert run("systemd-analyze", "verify", *units).stdout == ""
    level = run("systemd-analyze", "security", "--no-pager", UNIT).stdout
    assert float(re.search(r"Overall exposure level[^:]*: ([0-9.]+)", level)[1]) <= 1.0, level


def sockets_and_folders_are_for_the_group():
    for path in (INGEST, CONTROL):
        status = os.stat(path)
        assert status.st_mode & 0o777 == 0o660 and grp.getgrnam("minuted").gr_gid == status.st_gid, path
    modes = {"": 0o751, "/models": 0o755, "/minutes": 0o751, "/spool": 0o750, "/spool/incoming": 0o3730,
             "/spool/done": 0o700, "/spool/failed": 0o700}
    for folder, mode in modes.items():
        assert os.stat(STATE + folder).st_mode & 0o7777 == mode, folder
    for path in (INGEST, CONTROL):
        probe = f"import socket; socket.socket(socket.AF_UNIX).connect('{path}')"
        assert "PermissionError" in run("python3", "-c", probe, user="bob", check=False).stdout
    assert run("ls", f"{STATE}/minutes", user="bob", check=False).returncode != 0


def without_a_model_it_ends_with_78_and_says_what_to_do():
    mark = now()
    systemctl("start", UNIT, check=False)
    assert property_of("ExecMainStatus") == "78"
    assert property_of("NRestarts") == "0"
    [record] = said("cannot start", mark)
    assert "there is no model" in record["MESSAGE"] and record["PRIORITY"] == "2"
    assert "minutectl model use" in run("journalctl", "-x", "--no-pager", "-n", "40").stdout


def choosing_a_model_starts_the_daemon():
    told = readme(1)
    assert "ready" in told and "gemma-3-270m-minutes.gguf" in told, told
    assert systemctl("is-active", UNIT).strip() == "active"
    assert "0 meetings open" in property_of("StatusText")
    check = json.loads(run("minutectl", "model", "check", "--json").stdout)
    assert check["isIntact"] is True and check["memoryBytes"] > 200 << 20, check
    [used] = [m for m in json.loads(run("minutectl", "model", "list", "--json").stdout) if m["isUsed"]]
    assert used["file"] == os.path.basename(MODEL)


def the_first_minutes_come_by_the_third_command():
    assert "of what was said is summarised" in readme(2)


def a_file_that_a_member_drops_becomes_minutes():
    run("cp", f"{FOLDER}/incident.srt", f"{STATE}/spool/incoming/", user="alice")
    document = until_finished("incident")
    coverage = document["coverage"]
    assert coverage["utterances"] > 100 and coverage["utterances"] == coverage["summarisedUtterances"], coverage
    assert os.path.exists(f"{STATE}/spool/done/incident.srt")
    assert "# " in run("minutectl", "show", "incident").stdout


def members_neither_read_nor_remove_what_is_not_theirs():
    for user in ("alice", "bob"):
        for path in ("minutes/incident/minutes.md", "ledger.sqlite", "spool/done/incident.srt"):
            assert not may(user, "cat", f"{STATE}/{path}"), (user, path)
    shown = run("minutectl", "show", "incident", user="alice", check=False)
    assert shown.returncode == 77 and "output.group" in shown.stdout, shown
    assert run("minutectl", "retry", user="alice", check=False).returncode == 77
    # The daemon passes over hidden files, so this one stays.
    theirs = f"{STATE}/spool/incoming/.theirs"
    run("touch", theirs, user="carol")
    assert not may("alice", "ls", f"{STATE}/spool/incoming")
    assert not may("alice", "rm", "-f", theirs) and not may("alice", "mv", theirs, theirs + ".vtt")
    assert may("carol", "rm", theirs)


def a_group_reads_the_minutes_of_its_kind():
    path = f"{STATE}/minutes/incident/minutes.md"
    configure("output:\n  group: incident=minuted\n")
    systemctl("restart", UNIT)
    assert may("alice", "cat", path) and not may("bob", "cat", path)
    assert "# " in run("minutectl", "show", "incident", user="alice").stdout
    assert run("minutectl", "open", "--print", "incident", user="alice").stdout.strip().endswith("minutes.html")
    for other in set(os.listdir(f"{STATE}/minutes")) - {"incident"}:
        assert not may("alice", "cat", f"{STATE}/minutes/{other}/minutes.md"), other

    # A group that the daemon's user is no member of: the refusal says what to do.
    configure("output:\n  group: incident=board\n")
    systemctl("restart", UNIT, check=False)
    assert property_of("ExecMainStatus") == "78" and "SupplementaryGroups=board" in trail()
    run("systemctl", "reset-failed", UNIT)
    dropin("[Service]\nSupplementaryGroups=board\nSystemCallFilter=@chown\n")
    systemctl("restart", UNIT)
    assert may("dave", "cat", path) and not may("alice", "cat", path)
    assert may("dave", "minutectl", "open", "--print", "incident")
    dropin(None)
    configure("# nothing\n")
    systemctl("restart", UNIT)
    assert not may("dave", "cat", path)


def only_the_users_that_are_allowed_may_speak():
    # The socket's mode lets all members in.
    def answer(user, line):
        probe = ("import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
                 "try: s.sendall(sys.argv[2].encode())\nexcept BrokenPipeError: pass\nprint(s.recv(4096).decode())")
        words = json.dumps({"meeting": f"by-{user}", "ack": True}) + f"\n{line}\n"
        return run("python3", "-c", probe, INGEST, words, user=user).stdout

    run("usermod", "--append", "--groups", "board", "carol")
    for option, allowed, refused in (
            ("allowedUsers: alice", "alice", "carol"), ("allowedGroups: board", "carol", "alice")):
        configure(f"ingest:\n  {option}\n")
        systemctl("restart", UNIT)
        told = answer(allowed, TALK[0]), answer(refused, TALK[0])
        assert '{"ack":' in told[0] and "not allowed to connect" in told[1], (option, told)
    run("gpasswd", "--delete", "carol", "board")
    configure("# nothing\n")
    systemctl("restart", UNIT)
    for meeting in ("by-alice", "by-carol"):
        run("minutectl", "end", "--now", meeting)


def ten_inputs_that_it_dies_of_do_not_end_the_service():
    dropin("[Service]\nEnvironment=MINUTED_TRAP_AT=poison\n")
    systemctl("restart", UNIT)
    restarts = int(property_of("NRestarts"))
    names = [f"poison{number}.txt" for number in range(10)]
    for name in [*names, "wholesome.txt"]:
        with open(f"{STATE}/spool/incoming/{name}", "w", encoding="utf-8") as file:
            file.write("\n".join(TALK[:8]) + f"\nAda: so says {name}\n")
    failed = f"{STATE}/spool/failed"
    until("all are set aside", lambda: set(names) <= set(os.listdir(failed)), 600)
    assert int(property_of("NRestarts")) - restarts == 2 * len(names), property_of("NRestarts")
    until_finished("wholesome")
    assert systemctl("is-active", UNIT).strip() == "active"
    for name in names:
        assert "died 2 times" in run("cat", f"{failed}/{name}.reason").stdout, name
        run("rm", f"{failed}/{name}", f"{failed}/{name}.reason")
    dropin(None)
    systemctl("restart", UNIT)


def a_first_line_starts_the_daemon():
    systemctl("stop", UNIT)
    assert systemctl("is-active", UNIT, check=False).strip() == "inactive"
    line = Line()
    line.say('{"meeting": "standup", "ack": true}', TALK[0])
    assert line.hear() == '{"ack":0}'
    assert systemctl("is-active", UNIT).strip() == "active"
    line.say(*TALK[1:8], '{"end": true}')
    until("the end is acknowledged", lambda: line.hear() == '{"ended":"standup"}')
    until_finished("standup")


def the_journal_has_fields_and_no_words_of_the_meeting():
    summaries = said("summarised a window", None, "MINUTED_MEETING=incident")
    assert len(summaries) == len(minutes("incident")["windows"])
    for number, record in enumerate(summaries):
        assert record["MINUTED_WINDOW"] == str(number) and record["PRIORITY"] == "6"
        assert re.fullmatch("[0-9a-f]{32}", record["MESSAGE_ID"])
        assert record["CODE_FILE"].endswith(".swift") and int(record["CODE_LINE"]) > 0 and record["CODE_FUNC"]
        assert int(record["MINUTED_PROMPT_TOKENS"]) > 0 and int(record["MINUTED_GENERATED_TOKENS"]) == 0  # It picks.
        assert int(record["MINUTED_MILLISECONDS"]) >= 0
    [taken] = said("took a file", None, "MINUTED_MEETING=incident")
    assert taken["MINUTED_SOURCE"] == "incident.srt"
    assert said("a connection ended", None, "MINUTED_MEETING=standup")[0]["MINUTED_SOURCE"].startswith("socket:")
    for record in records():
        text = " ".join(str(value) for value in record.values())
        assert "agenda" not in text and "budget" not in text, record
    trail = run("minutectl", "log", "standup").stdout
    assert "summarised a window" in trail and "meeting=incident" not in trail


def the_catalog_explains_the_events():
    text = run("minutectl", "log", "incident", "--explain").stdout
    assert "A part of a meeting is summarised" in text and "Window 0 of meeting incident" in text
    assert "`minutectl show incident` prints them" in text


def there_is_no_network_inside():
    inside = f"/proc/{pid()}"
    assert os.readlink(f"{inside}/ns/net") != os.readlink("/proc/1/ns/net")
    with open(f"{inside}/net/dev", encoding="utf-8") as file:
        assert [line.split(":")[0].strip() for line in file.readlines()[2:]] == ["lo"]
    with open(f"{inside}/status", encoding="utf-8") as file:
        text = file.read()
    assert re.search(r"CapBnd:\t0{16}\n", text) and "NoNewPrivs:\t1" in text and "Seccomp:\t2" in text


def a_good_configuration_is_reloaded():
    process, mark = pid(), now()
    configure("log:\n  level: notice\nsegmentation:\n  maximumTokens: 400\nmodel:\n  threads: 1\n")
    systemctl("reload", UNIT)
    [record] = until("it is reloaded", lambda: said("reloaded the configuration", mark))
    assert record["MINUTED_CHANGED"] == "segmentation.maximumTokens, log.level"
    assert record["MINUTED_WAITING"] == "model.threads"
    until("it is active again", lambda: property_of("ActiveState") == "active")
    mark = now()
    line = Line()
    line.say(TALK[0])
    line.close()
    until("it is finished", lambda: json.loads(run("minutectl", "status", "--json").stdout)["status"]["openMeetings"] == 0)
    run("minutectl", "resume")
    [record] = until("notices are logged", lambda: records(after=mark))
    assert record["PRIORITY"] == "5", record
    assert pid() == process


def a_bad_configuration_is_refused_and_the_old_one_kept():
    process, mark = pid(), now()
    configure("segmentation:\n  maximumTokens: many\n")
    systemctl("reload", UNIT, check=False)
    [record] = until("it is refused", lambda: said("the configuration was not reloaded", mark))
    assert "minuted.yaml:2" in record["MESSAGE"] and record["PRIORITY"] == "3"
    asked = run("minutectl", "reload", "--socket", CONTROL, check=False)
    assert asked.returncode == 78 and "minuted.yaml:2" in asked.stdout, asked
    assert "has an error" in property_of("StatusText") and pid() == process
    denied = run("minutectl", "reload", "--socket", CONTROL, user="alice", check=False)
    assert denied.returncode == 77, denied
    configure(SMALL_WINDOWS)
    assert "changed: " in run("minutectl", "reload").stdout
    until("all is well again", lambda: "has an error" not in property_of("StatusText"))


def an_operator_pauses_resumes_and_ends():
    run("minutectl", "pause", user="alice")
    line = Line()
    line.say('{"meeting": "paused", "ack": true}', *TALK[:12], '{"end": true}')
    until("it is ended", lambda: line.hear().startswith('{"ended"'))
    time.sleep(1)
    assert minutes("paused") is None or minutes("paused")["state"] != "finished"
    assert json.loads(run("minutectl", "status", "--json").stdout)["status"]["paused"] is True
    run("minutectl", "resume", user="alice")
    until_finished("paused")
    run("minutectl", "pause")
    line = Line()
    line.say('{"meeting": "hurried", "ack": true}', *TALK[:12])
    for _ in range(12):
        line.hear()
    run("minutectl", "end", "--now", "hurried")
    run("minutectl", "resume")
    document = until_finished("hurried")
    assert all(window["state"] == "failed" for window in document["windows"]) and document["windows"]
    assert "tried again" in run("minutectl", "retry", "meeting", "hurried").stdout
    until("the summaries are there", lambda: all(
        window["state"] == "summarised" for window in minutes("hurried")["windows"]))
    until_finished("hurried")


def a_kill_in_the_middle_loses_nothing():
    configure(SMALL_WINDOWS)
    systemctl("restart", UNIT)
    restarts = int(property_of("NRestarts"))
    line = Line()
    line.say('{"meeting": "killed", "ack": true}', *TALK)
    for _ in TALK:
        assert line.hear().startswith('{"ack"')
    until("a part is summarised", lambda: (status("killed") or {}).get("summarisedWindowCount", 0) > 0)
    run("kill", "-KILL", str(pid()))
    until("it runs again", lambda: int(property_of("NRestarts")) > restarts and property_of("SubState") == "running")
    run("minutectl", "end", "killed")
    coverage = until_finished("killed")["coverage"]
    assert coverage["utterances"] == coverage["summarisedUtterances"] == len(TALK), coverage


def a_stuck_engine_is_restarted_by_the_watchdog():
    dropin("[Service]\nWatchdogSec=4s\n")
    systemctl("restart", UNIT)
    restarts, process, mark = int(property_of("NRestarts")), pid(), now()
    # It lives longer than the watchdog's patience by itself.
    time.sleep(6)
    assert pid() == process
    # It is missed at the next summary.
    summarise("stuck0")
    engine = StoppedThread(process)
    Line().say('{"meeting": "stuck1"}', *TALK[:20], '{"end": true}')
    until("systemd ends it", lambda: property_of("Result") == "watchdog", 60)
    engine.release()
    until("it is restarted", lambda: int(property_of("NRestarts")) > restarts, 60)
    # On a busy machine others may have been late before.
    record = said("a part does not answer", mark)[-1]
    assert record["MINUTED_PART"] == "the engine" and record["PRIORITY"] == "4", record
    until("it runs again", lambda: property_of("SubState") == "running")
    assert pid() != process
    until_finished("stuck1")
    dropin(None)
    systemctl("restart", UNIT)


def it_stops_within_five_seconds_under_load():
    for number in range(4):
        shutil.copy(f"{FOLDER}/incident.srt", f"{STATE}/spool/incoming/load{number}.srt")
        # Not the same content twice.
        with open(f"{STATE}/spool/incoming/load{number}.srt", "a", encoding="utf-8") as file:
            file.write(f"\n9999\n02:00:0{number},000 --> 02:00:09,000\nThat is all.\n")
    until("it is at work", lambda: "activity" in json.loads(run("minutectl", "status", "--json").stdout)["status"])
    began = time.monotonic()
    systemctl("stop", UNIT)
    took = time.monotonic() - began
    assert took < 5.5 and property_of("Result") == "success", (took, property_of("Result"))
    systemctl("start", UNIT)
    for number in range(4):
        run("minutectl", "end", "--now", f"load{number}", check=False)


def what_root_or_the_daemons_user_mends_the_daemon_goes_on_with():
    for user in (None, "minuted"):
        live, filed = (f"{kind}-{user or 'root'}" for kind in ("live", "filed"))
        line = Line()
        line.say(json.dumps({"meeting": live, "ack": True}), *TALK[:4])
        for number in range(4):
            assert line.hear() == '{"ack":%d}' % number
        until("its minutes are there", lambda: minutes(live))
        systemctl("stop", UNIT)
        shutil.rmtree(f"{STATE}/minutes/{live}")
        assert "mended: write it again" in repair(user)
        start()
        line = Line()
        line.say(json.dumps({"meeting": live, "ack": True}), *TALK[4:8], '{"end": true}')
        assert until_finished(live)["coverage"]["utterances"] == 8

        with open(f"{STATE}/spool/incoming/{filed}.txt", "w", encoding="utf-8") as file:
            file.write("\n".join(TALK[:7]) + f"\nAda: so says {filed}\n")
        until_finished(filed)
        systemctl("stop", UNIT)
        for name in os.listdir(f"{STATE}/spool/done"):
            if not name.startswith(filed):
                os.unlink(f"{STATE}/spool/done/{name}")
        run("find", f"{STATE}/minutes", "-mindepth", "1", "-delete")
        with open(f"{STATE}/ledger.sqlite", "r+b") as file:
            file.write(b"\xa5" * os.path.getsize(f"{STATE}/ledger.sqlite"))
        assert "mended: set it aside" in repair(user)
        start()
        assert until_finished(filed)["coverage"]["utterances"] == 8
        line = Line()
        line.say(json.dumps({"meeting": live, "ack": True}), TALK[0], '{"end": true}')
        until_finished(live)


def a_full_disk_holds_senders_back_and_loses_nothing():
    systemctl("stop", UNIT)
    os.makedirs("/run/test-models", exist_ok=True)
    run("mount", "--bind", f"{STATE}/models", "/run/test-models")
    run("mount", "-t", "tmpfs", "-o", "size=8m,mode=0750,uid=minuted,gid=minuted", "tmpfs", STATE)
    try:
        run("systemd-tmpfiles", "--create", "minuted.conf")
        run("mount", "--bind", "/run/test-models", f"{STATE}/models")
        systemctl("start", UNIT)
        line, mark = Line(), now()
        line.say('{"meeting": "full", "ack": true}', TALK[0])
        assert line.hear() == '{"ack":0}'
        run("dd", "if=/dev/zero", f"of={STATE}/filler", "bs=4k", check=False)
        # More than what the files have room for as they are.
        # It is not read on while it cannot be recorded.
        threading.Thread(target=line.say, args=[f"Ada: number {n}, " + "word " * 4000 for n in range(60)]).start()
        until("it says so", lambda: said("what comes over the socket waits", mark))
        os.unlink(f"{STATE}/filler")
        until("the rest is recorded", lambda: said("the ledger can be written again", mark))
        heard = [line.hear() for _ in range(60)]
        assert heard == ['{"ack":%d}' % number for number in range(1, 61)], heard
    finally:
        systemctl("stop", UNIT, check=False)
        run("umount", f"{STATE}/models", check=False)
        run("umount", "--lazy", STATE, check=False)
        run("umount", "/run/test-models", check=False)
    systemctl("start", UNIT)


def a_hung_journald_holds_nobody_up():
    journald = property_of("MainPID", "systemd-journald.service")
    line, mark = Line(), now()
    line.say('{"meeting": "unlogged", "ack": true, "format": "jsonl"}', '{"text": "before"}')
    assert line.hear() == '{"ack":0}'
    run("kill", "-STOP", journald)
    try:
        # Each is refused, which is logged: more than journald's socket and the daemon's own queue hold.
        refused = ["no json"] * 10_000
        threading.Thread(target=line.say, args=[*refused, '{"text": "meanwhile"}']).start()
        heard = [line.hear() for _ in range(len(refused) + 1)]
        assert heard[-1] == '{"ack":1}' and "error" in heard[-2], heard[-2:]
        assert json.loads(run("minutectl", "status", "--json").stdout)["status"]
    finally:
        run("kill", "-CONT", journald)
    [record] = until("it says what is missing", lambda: said("log messages were lost", mark))
    lost, logged = int(record["MINUTED_MESSAGES"]), len(said("refused a line", mark))
    assert record["PRIORITY"] == "4" and lost > 0 and lost + logged >= len(refused), (lost, logged)
    line.say('{"text": "after", "end": true}')
    assert line.hear() == '{"ack":2}'


from forgetting import *  # Here: the tests run in the order in which they are defined.


def an_upgrade_keeps_data_and_configuration():
    configure(SMALL_WINDOWS)
    kept = [name_of(m) for m in json.loads(run("minutectl", "list", "--json").stdout)["meetings"]]
    process = pid()
    run("dpkg-deb", "--raw-extract", PACKAGE, "/run/newer")
    run("sed", "-i", "s/^Version: .*/&+newer/", "/run/newer/DEBIAN/control")
    run("dpkg-deb", "-Znone", "--build", "/run/newer", "/run/newer.deb")
    run("apt-get", "install", "--yes", "/run/newer.deb")
    until("the new one runs", lambda: pid() not in (0, process) and property_of("SubState") == "running")
    after = [name_of(m) for m in json.loads(run("minutectl", "list", "--json").stdout)["meetings"]]
    assert after == kept, (kept, after)
    assert run("cat", CONFIGURATION).stdout == SMALL_WINDOWS


def a_configuration_error_is_not_tried_again():
    configure("nonsense: true\n")
    systemctl("restart", UNIT, check=False)
    assert (property_of("ExecMainStatus"), property_of("NRestarts")) == ("78", "0")
    assert "unknown section 'nonsense'" in property_of("StatusText") + trail()
    configure("# nothing\n")
    run("systemctl", "reset-failed", UNIT)
    systemctl("start", UNIT)


def removal_keeps_what_is_yours():
    run("apt-get", "remove", "--yes", "minuted")
    assert not os.path.exists("/usr/bin/minuted") and not os.path.exists(INGEST)
    assert os.path.exists(f"{STATE}/ledger.sqlite") and os.path.exists(CONFIGURATION)
    assert os.path.isdir(f"{STATE}/minutes") and os.path.exists(f"{STATE}/models/gemma.gguf")


def purging_removes_all_without_a_question():
    run("apt-get", "purge", "--yes", "minuted")
    for path in (STATE, "/etc/minuted", "/run/minuted", "/lib/systemd/system/minuted.service"):
        assert not os.path.exists(path), path


def readme(number):
    """Runs one of the three commands of the README's section Install, as written; where it fetches, from a cache."""
    with open(f"{FOLDER}/README.md", encoding="utf-8") as file:
        commands = re.search(r"## Install\n.*?```sh\n(.*?)```", file.read(), re.S)[1].splitlines()
    assert len(commands) == 3 and "apt install ./minuted_" in commands[0], commands
    os.makedirs("/run/cache/minuted", exist_ok=True)
    if not os.path.exists(f"/run/cache/minuted/{os.path.basename(MODEL)}"):
        os.symlink(MODEL, f"/run/cache/minuted/{os.path.basename(MODEL)}")
    return run("env", "XDG_CACHE_HOME=/run/cache", "bash", "-c", 'sudo() { "$@"; }\n' + commands[number]).stdout


def main():
    # What a test needs of those before it: all up to the model.
    tests = [value for value in list(globals().values())
             if callable(value) and getattr(value, "__module__", "") in ("__main__", "forgetting", "finding", "handing_on")
             and value.__name__ not in ("main", "readme", "traces", "page")]
    base = {installing_asks_nothing_and_opens_the_sockets, choosing_a_model_starts_the_daemon}
    chosen = [t for t in tests if not PARTS or t in base or any(part in t.__name__ for part in PARTS)]
    failed = 0
    for test in chosen:
        began, name = time.monotonic(), test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok      {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
            if test in base:
                break
    print(f"{len(chosen)} system tests, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


main()
