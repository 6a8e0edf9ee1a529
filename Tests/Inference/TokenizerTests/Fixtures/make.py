"""Writes the tokenizer fixtures: lines.jsonl, tiny/tokenizer.model, tiny.expected.txt and, given a model,
gguf.expected.txt.

    python make.py [--retrain] [MODEL.gguf]

Needs `sentencepiece`, and `gguf` and `llama-cpp-python` for a GGUF file. An expectation has one line for each text: the
number of ids and the FNV-1a hash (64 bits) of the ids as little-endian int32. Text is inert: the expectations come from
the vocabulary with every user-defined piece that looks like markup, except HTML tags, turned into a control piece.
llama.cpp has no such step, so it is compared only on lines that spell no control token. It also takes "</s>" for a
control token in every vocabulary, while Gemma's is an HTML tag, so lines with it are left out as well. On all other
lines it has to agree.
"""

import io
import json
import pathlib
import sys

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as proto

from lines import lines

HERE = pathlib.Path(__file__).parent
NORMAL, UNKNOWN, CONTROL, USER, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
TAGS = (
    "table caption thead tbody tfoot tr th td h1 h2 h3 h4 h5 h6 blockquote strong em b i u s sub sup code a html body "
    "img span bbox ul li div iframe footer"
).split()
TINY_VOCABULARY = 512


def is_control_like(piece):
    """Whether a user-defined piece must never be found in text."""
    if piece.strip("<>/") in TAGS and piece in (f"<{piece.strip('<>/')}>", f"</{piece.strip('<>/')}>"):
        return False
    return any(character in "<>[]{}|" for character in piece)


def neutralised(model):
    copy = proto.ModelProto()
    copy.CopyFrom(model)
    for piece in copy.pieces:
        if piece.type == USER and is_control_like(piece.piece):
            piece.type = CONTROL
    return sentencepiece.SentencePieceProcessor(model_proto=copy.SerializeToString())


def train_tiny(texts):
    """A small vocabulary with Gemma's layout: the same special pieces in the same order, byte fallback, runs, tags,
    merges."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "[multimodal]"]
    special += [f"<unused{i}>" for i in range(4)] + ["<start_of_turn>", "<end_of_turn>"]
    runs = ["\n" * n for n in range(1, 5)] + ["▁" * n for n in range(2, 8)]
    tags = [f"<{t}>" for t in ("table", "tr", "b", "code")] + [f"</{t}>" for t in ("table", "tr", "b", "code")]
    tail = ["\t" * n for n in range(1, 4)] + ["<start_of_image>", "<end_of_image>"]
    merges = TINY_VOCABULARY - len(special) - len(runs) - len(tags) - len(tail) - 256
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=trained, model_type="bpe", vocab_size=merges + 256 + 3,
        byte_fallback=True, normalization_rule_name="identity", add_dummy_prefix=False, remove_extra_whitespaces=False,
        character_coverage=1.0, split_digits=True, allow_whitespace_only_pieces=True, minloglevel=2,
    )
    base = proto.ModelProto.FromString(trained.getvalue())
    learned = [p for p in base.pieces if p.type == NORMAL]
    assert len(learned) == merges, (len(learned), merges)
    model = proto.ModelProto()
    model.trainer_spec.CopyFrom(base.trainer_spec)
    model.normalizer_spec.CopyFrom(base.normalizer_spec)
    spec = model.trainer_spec
    spec.pad_id, spec.eos_id, spec.bos_id, spec.unk_id = 0, 1, 2, 3
    spec.pad_piece, spec.eos_piece, spec.bos_piece, spec.unk_piece = special[:4]
    spec.vocab_size = TINY_VOCABULARY

    def add(piece, kind, score=0.0):
        model.pieces.add(piece=piece, type=kind, score=score)

    for index, piece in enumerate(special):
        add(piece, UNKNOWN if index == 3 else CONTROL if index < 3 else USER)
    for piece in runs + tags:
        add(piece, USER)
    for byte in range(256):
        add(f"<0x{byte:02X}>", BYTE)
    for piece in learned:
        add(piece.piece, NORMAL, piece.score)
    for piece in tail:
        add(piece, USER)
    assert len(model.pieces) == TINY_VOCABULARY
    return model


def from_gguf(path):
    import gguf

    fields = gguf.GGUFReader(path).fields
    key = lambda name, default=None: fields[f"tokenizer.ggml.{name}"].contents() if f"tokenizer.ggml.{name}" in fields else default
    unknown = key("unknown_token_id")
    model = proto.ModelProto()
    for index, (token, score, kind) in enumerate(zip(key("tokens"), key("scores"), key("token_type"))):
        if kind == USER:
            token = token.replace(" ", "▁")  # as the model file has them
        model.pieces.add(piece=token, score=score, type=UNKNOWN if index == unknown else kind)
    spec = model.trainer_spec
    spec.model_type, spec.byte_fallback, spec.vocab_size = 2, True, len(model.pieces)
    spec.bos_id, spec.eos_id, spec.unk_id, spec.pad_id = key("bos_token_id"), key("eos_token_id"), unknown, key("padding_token_id", -1)
    normalizer = model.normalizer_spec
    normalizer.name = "identity"
    normalizer.add_dummy_prefix = key("add_space_prefix", True)
    normalizer.remove_extra_whitespaces, normalizer.escape_whitespaces = False, True
    return model


def fnv1a(ids):
    value = 0xCBF29CE484222325
    for byte in b"".join(i.to_bytes(4, "little", signed=True) for i in ids):
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def expect(name, model, texts):
    processor = neutralised(model)
    ids = [processor.encode(text) for text, _ in texts]
    (HERE / name).write_text("".join(f"{len(i)} {fnv1a(i):016x}\n" for i in ids))
    return ids


def main():
    arguments = [a for a in sys.argv[1:] if a != "--retrain"]
    texts = lines()
    (HERE / "lines.jsonl").write_text("".join(json.dumps(t, ensure_ascii=False) + "\n" for t, _ in texts))
    tiny = HERE / "tiny" / "tokenizer.model"
    if "--retrain" in sys.argv:
        tiny.parent.mkdir(exist_ok=True)
        tiny.write_bytes(train_tiny([t for t, control in texts[:701] if t.strip() and t.isascii() and t.isprintable() and not control]).SerializeToString())
    model = proto.ModelProto.FromString(tiny.read_bytes())
    count = sum(map(len, expect("tiny.expected.txt", model, texts)))
    print(f"{len(texts)} lines, {count} ids with the tiny vocabulary")
    for path in arguments:
        import llama_cpp

        ids = expect("gguf.expected.txt", from_gguf(path), texts)
        peer = llama_cpp.Llama(model_path=path, vocab_only=True, verbose=False)
        differing = [
            (text, mine, theirs)
            for (text, control), mine in zip(texts, ids)
            if not control and "</s>" not in text and mine != (theirs := peer.tokenize(text.encode(), add_bos=False, special=False))
        ]
        print(f"{sum(map(len, ids))} ids with {pathlib.Path(path).name}; llama.cpp differs on {len(differing)} lines")
        for text, mine, theirs in differing[:20]:
            print(f"  {text!r}\n    sentencepiece {mine}\n    llama.cpp     {theirs}")
        if differing:
            sys.exit(1)


if __name__ == "__main__":
    main()
