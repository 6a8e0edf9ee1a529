#!/usr/bin/env python3
"""Receivers of minutes on loopback, which behave badly on purpose; used by HandingOnTests.swift.

    receivers.py http LOG PORT_FILE SECRET SEED     a web service that fails, hangs, answers twice and is killed
    receivers.py smtp LOG PORT_FILE                 a mail server that takes everything, except for refused@…

Each line of LOG is one thing received, as JSON, on the disk before it is answered. PORT_FILE gets the port, the same one
after the process was killed and started again.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import random
import socketserver
import sys
import time


def record(path, value):
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(value, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler, port_file):
        port = int(open(port_file).read()) if os.path.exists(port_file) else 0
        super().__init__(("127.0.0.1", port), handler)
        with open(port_file + ".new", "w", encoding="utf-8") as file:
            file.write(str(self.server_address[1]))
        os.rename(port_file + ".new", port_file)


def web(log, port_file, secret, seed):
    chance = random.Random(f"{seed} {os.getpid()}")

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self, status):
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            key = self.headers["webhook-id"]
            signed = f"{key}.{self.headers['webhook-timestamp']}.".encode() + body
            signature = "v1," + base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
            if signature != self.headers["webhook-signature"] or key != self.headers["Idempotency-Key"]:
                record(log, {"wrong": key})
                return self.answer(401)
            sent = json.loads(body)
            entry = {"id": key, "meeting": sent["meeting"], "text": sent["markdown"], "state": sent["minutes"]["state"]}
            fate = chance.choice(["well", "well", "fails", "hangs", "forgets", "twice", "dies", "redirects"])
            if fate == "fails":
                return self.answer(503)
            if fate == "redirects":
                self.send_response(302)
                self.send_header("Location", "http://127.0.0.1:9/")
                self.send_header("Content-Length", "0")
                return self.end_headers()
            if fate == "dies" and chance.random() < 0.5:
                os._exit(9)
            record(log, entry)
            if fate == "dies":
                os._exit(9)
            if fate == "hangs":
                time.sleep(30)
            if fate == "forgets":
                # It has it, and nobody hears of that.
                self.close_connection = True
                return
            self.answer(200)
            if fate == "twice":
                self.answer(500)

    Server(Handler, port_file).serve_forever()


def mail(log, port_file):
    class Handler(socketserver.StreamRequestHandler):
        def say(self, text):
            self.wfile.write(text.encode() + b"\r\n")

        def handle(self):
            self.say("220 here")
            envelope = {"to": []}
            while line := self.rfile.readline():
                word = line.decode().strip()
                verb = word.upper()
                if verb.startswith("EHLO"):
                    self.say("250 here")
                elif verb.startswith("MAIL"):
                    envelope["from"] = word
                    self.say("250 ok")
                elif verb.startswith("RCPT TO:<REFUSED@"):
                    self.say("550 nobody of this name")
                elif verb.startswith("RCPT"):
                    envelope["to"].append(word)
                    self.say("250 ok")
                elif verb.startswith("DATA"):
                    self.say("354 go on")
                    lines = []
                    while (piece := self.rfile.readline()) not in (b".\r\n", b""):
                        lines.append(piece.decode())
                    record(log, dict(envelope, data="".join(lines)))
                    self.say("250 taken")
                elif verb.startswith("QUIT"):
                    self.say("221 bye")
                    return
                else:
                    self.say("500 what?")

    Server(Handler, port_file).serve_forever()


if __name__ == "__main__":
    {"http": web, "smtp": mail}[sys.argv[1]](*sys.argv[2:])
