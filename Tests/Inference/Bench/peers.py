"""Compares `minutelab bench` with llama.cpp, alternating on the same machine and the same files.

    python peers.py --minutelab PATH [--rounds N] [--threads N] [--quick] [--only PART]... MODEL.gguf...

Each round measures a part (prefill, decode, memory) with one program and then with the other, each in its own process,
so that both find the machine in the same state. Prints each program's median over the rounds and their ratio; above 1,
minutelab is faster or takes less memory. The cases are those of `minutelab bench`: prefill of one sequence without
logits, decoding of several sequences in one batch with the logits of each, and a half-precision cache.
"""

import argparse
import collections
import csv
import ctypes
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

PARTS = ["prefill", "decode", "memory"]
MORE_IS_BETTER = {"tok/s": True, "MiB": False}


class Peer:
    """llama.cpp with a context for `sequences` of up to `tokens` tokens."""

    def __init__(self, path, threads, tokens, sequences):
        import llama_cpp

        self.lib = llama_cpp
        self.silence = llama_cpp.llama_log_callback(lambda level, text, data: None)
        llama_cpp.llama_log_set(self.silence, None)
        llama_cpp.llama_backend_init()
        self.model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
        if not self.model:
            sys.exit(f"peers: llama.cpp cannot load {path}")
        self.trained = llama_cpp.llama_model_n_ctx_train(self.model)
        options = llama_cpp.llama_context_default_params()
        self.tokens = min(tokens, self.trained)
        # Each sequence has its own stream, and the streams share the context's length.
        options.n_ctx, options.n_seq_max, options.kv_unified = self.tokens * sequences, sequences, False
        options.n_batch = options.n_ubatch = 512
        options.n_threads = options.n_threads_batch = threads
        # The cache of sliding layers is as short as possible, which is faster; to go back, a saved state is restored.
        options.swa_full = False
        self.context = llama_cpp.llama_init_from_model(self.model, options)
        if not self.context:
            sys.exit("peers: llama.cpp cannot set up a context")
        self.memory = llama_cpp.llama_get_memory(self.context)
        self.batch = llama_cpp.llama_batch_init(512, 0, 1)

    def run(self, entries, with_logits):
        """Runs (token, position, sequence) entries, at most 512, as one batch."""
        batch = self.batch
        batch.n_tokens = len(entries)
        for i, (token, position, sequence) in enumerate(entries):
            batch.token[i], batch.pos[i] = token, position
            batch.n_seq_id[i], batch.seq_id[i][0] = 1, sequence
            batch.logits[i] = with_logits
        if self.lib.llama_decode(self.context, batch) != 0:
            sys.exit("peers: llama.cpp refuses a batch")

    def fill(self, ids, begin):
        for start in range(0, len(ids), 512):
            self.run([(token, begin + start + i, 0) for i, token in enumerate(ids[start : start + 512])], False)
        self.lib.llama_synchronize(self.context)

    def saved(self):
        """The state of sequence 0; None if it is empty."""
        if self.lib.llama_memory_seq_pos_max(self.memory, 0) < 0:
            return None
        size = self.lib.llama_state_seq_get_size(self.context, 0)
        state = (ctypes.c_uint8 * size)()
        if self.lib.llama_state_seq_get_data(self.context, state, size, 0) != size:
            sys.exit("peers: llama.cpp cannot save its cache")
        return state

    def restore(self, state, sequences):
        """Sets the first `sequences` sequences to a saved state and empties the others."""
        self.lib.llama_memory_clear(self.memory, False)
        for sequence in range(sequences if state else 0):
            if self.lib.llama_state_seq_set_data(self.context, state, len(state), sequence) == 0:
                sys.exit("peers: llama.cpp cannot restore its cache")

    def choose(self, index):
        """The likeliest token, as greedy decoding chooses it."""
        import numpy

        count = self.lib.llama_vocab_n_tokens(self.lib.llama_model_get_vocab(self.model))
        logits = self.lib.llama_get_logits_ith(self.context, index)
        return int(numpy.ctypeslib.as_array(logits, shape=(count,)).argmax())

    def text_ids(self, count):
        text = (pathlib.Path(__file__).parents[3] / "examples" / "planning.txt").read_bytes()
        vocabulary = self.lib.llama_model_get_vocab(self.model)
        ids = (ctypes.c_int32 * (len(text) + 1))()
        found = self.lib.llama_tokenize(vocabulary, text, len(text), ids, len(ids), False, False)
        return [2] + [ids[i % found] for i in range(count - 1)]


def measure_prefill(path, threads, quick, repetitions, depths):
    peer = Peer(path, threads, max(depths) + 2048, 1)
    ids = peer.text_ids(max(depths) + 2048)
    for depth in depths:
        peer.restore(None, 1)
        peer.fill(ids[:depth], 0)
        state = peer.saved()
        warm = False
        for count in [32, 128, 512] if quick else [32, 128, 512, 2048]:
            if depth + count > peer.tokens:
                continue
            samples = []
            while len(samples) < repetitions:
                peer.restore(state, 1)
                begin = time.perf_counter()
                peer.fill(ids[depth : depth + count], depth)
                if warm:
                    samples.append(count / (time.perf_counter() - begin))
                warm = True
            yield f"{count} tokens at depth {depth}", "tok/s", samples


def measure_decode(path, threads, quick, repetitions, depths):
    batches, count = ([1, 4], 16) if quick else ([1, 2, 4, 8], 32)
    for depth in depths:
        # The context is only as long as the case needs, since minutelab's caches take only what they hold.
        peer = Peer(path, threads, depth + 64, max(batches))
        if depth + count + 1 > peer.tokens:
            continue
        ids = peer.text_ids(depth + 64)
        peer.fill(ids[: max(0, depth - 1)], 0)
        state = peer.saved()
        first = max(0, depth - 1)
        for batch in batches:
            samples = []
            for repetition in range(repetitions + 1):
                peer.restore(state, batch)
                tokens = [ids[max(1, depth) + sequence] for sequence in range(batch)]
                begin = time.perf_counter()
                for step in range(count):
                    peer.run([(token, first + step, sequence) for sequence, token in enumerate(tokens)], True)
                    tokens = [peer.choose(sequence) for sequence in range(batch)]
                if repetition:
                    samples.append(batch * count / (time.perf_counter() - begin))
            yield f"{batch} {'sequence' if batch == 1 else 'sequences'} at depth {depth}", "tok/s", samples


def measure_memory(path, threads, quick, repetitions, depths):
    peer = Peer(path, threads, 4096 + 64, 1)
    count = min(4096, peer.tokens - 16)
    ids = peer.text_ids(count)
    peer.fill(ids[:-1], 0)
    token = ids[-1]
    for step in range(16):
        peer.run([(token, count - 1 + step, 0)], True)
        token = peer.choose(0)
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            peak = int(line.split()[1]) / 1024
            # minutelab can keep repacked weights in memory or in a mapped file; llama.cpp has only one way.
            yield f"after {count} tokens and an answer", "MiB", [peak]
            yield f"mapped, after {count} tokens and an answer", "MiB", [peak]


MEASURES = {"prefill": measure_prefill, "decode": measure_decode, "memory": measure_memory}


def run_peer(part, model, options):
    command = [sys.executable, __file__, "--measure", part, "--threads", str(options.threads), model]
    command += ["--repetitions", str(options.repetitions)] + ["--quick"] * options.quick
    command += [argument for depth in options.depth for argument in ["--depth", str(depth)]]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return {row["case"]: row for row in csv.DictReader(output.splitlines())}


def run_minutelab(part, model, options):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "figures.csv")
        text = pathlib.Path(__file__).parents[3] / "examples" / "planning.txt"
        command = [options.minutelab, "bench", model, "--only", part, "--threads", str(options.threads)]
        command += ["--repetitions", str(options.repetitions), "--csv", path, "--text", text]
        command += ["--quick"] * options.quick
        command += [argument for depth in options.depth for argument in ["--depth", str(depth)]]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
        return {row["case"]: row for row in csv.DictReader(lines) if row["section"] == part}


def compare(model, options):
    print(f"\n{pathlib.Path(model).name}, {options.threads} threads, medians of {options.rounds} rounds in turns")
    print(f"load average before: {os.getloadavg()[0]:.2f}; with other work on the machine the ratios mean nothing")
    print(f"{'part':8} {'case':34} {'minutelab':>10} {'llama.cpp':>10} {'unit':6} {'ratio':>6}   rounds")
    for part in options.only or PARTS:
        found = {"minutelab": collections.defaultdict(list), "llama.cpp": collections.defaultdict(list)}
        units = {}
        for _ in range(options.rounds):
            for name, run in [("minutelab", run_minutelab), ("llama.cpp", run_peer)]:
                for case, row in run(part, model, options).items():
                    found[name][case].append(float(row["median"]))
                    units[case] = row["unit"]
        for case, ours in found["minutelab"].items():
            theirs = found["llama.cpp"].get(case)
            if not theirs:
                continue
            ratios = [a / b if MORE_IS_BETTER[units[case]] else b / a for a, b in zip(ours, theirs)]
            a, b = statistics.median(ours), statistics.median(theirs)
            ratio = a / b if MORE_IS_BETTER[units[case]] else b / a
            print(
                f"{part:8} {case:34} {a:10.1f} {b:10.1f} {units[case]:6} {ratio:6.2f}   "
                f"{min(ratios):.2f} to {max(ratios):.2f}",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--minutelab", help="the built program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repetitions", type=int, default=2, help="of each case within a round")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--quick", action="store_true", help="fewer cases")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part only")
    parser.add_argument("--measure", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--depth", type=int, action="append", help="tokens that stand before; default: 0 and 4096")
    options = parser.parse_args()
    options.depth = options.depth or [0, 4096]
    if options.measure:
        writer = csv.writer(sys.stdout)
        writer.writerow(["case", "unit", "median"])
        for case, unit, samples in MEASURES[options.measure](
            options.models[0], options.threads, options.quick, options.repetitions, options.depth
        ):
            writer.writerow([case, unit, statistics.median(samples)])
        return
    if not options.minutelab:
        parser.error("--minutelab says where the built program is")
    for model in options.models:
        compare(model, options)


if __name__ == "__main__":
    main()
