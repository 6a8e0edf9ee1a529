"""Writes what Hugging Face's tokenizers make of the lines with merges, as Gemma 4's vocabularies have them:
tiny/tokenizer.json, tiny.merges.expected.txt and, given a model, gguf.merges.expected.txt.

    python merges.py [MODEL.gguf]

Needs `tokenizers` and what make.py needs. The merges are all the ways to put a piece together from two others, in the
order in which `transformers` converts a SentencePiece model. Pieces that are user-defined in Gemma 1 to 3 are normal, as
in Gemma 4, and text is inert: control tokens are not looked for in the lines.
"""

import pathlib
import sys

import tokenizers
from sentencepiece import sentencepiece_model_pb2 as proto

import make
from lines import lines

HERE = pathlib.Path(__file__).parent


def is_ordinary(piece):
    named = piece.piece.startswith(("<unused", "<start_of_", "<end_of_", "<image_soft_token>"))
    return piece.type in (make.NORMAL, make.USER) and not named and not (piece.type == make.USER and make.is_control_like(piece.piece))


def merges(model):
    ids = {piece.piece: index for index, piece in enumerate(model.pieces) if is_ordinary(piece)}
    found = []
    for piece in ids:
        parts = ((piece[:cut], piece[cut:]) for cut in range(1, len(piece)))
        found += sorted((pair for pair in parts if pair[0] in ids and pair[1] in ids), key=lambda pair: (ids[pair[0]], ids[pair[1]]))
    return found


def tokenizer(model):
    vocabulary = {piece.piece: index for index, piece in enumerate(model.pieces)}
    bpe = tokenizers.models.BPE(vocab=vocabulary, merges=merges(model), fuse_unk=True, unk_token="<unk>", byte_fallback=True)
    result = tokenizers.Tokenizer(bpe)
    result.normalizer = tokenizers.normalizers.Replace(" ", "▁")
    result.pre_tokenizer = tokenizers.pre_tokenizers.Split(" ", "merged_with_previous")
    return result


def expect(name, model, texts):
    reference = tokenizer(model)
    ids = [reference.encode(text, add_special_tokens=False).ids for text, _ in texts]
    (HERE / name).write_text("".join(f"{len(i)} {make.fnv1a(i):016x}\n" for i in ids))
    print(f"{name}: {len(texts)} lines, {sum(map(len, ids))} ids, {len(merges(model))} merges")


def main():
    texts = lines()
    tiny = proto.ModelProto.FromString((HERE / "tiny" / "tokenizer.model").read_bytes())
    expect("tiny.merges.expected.txt", tiny, texts)
    published = tokenizer(tiny)
    published.add_special_tokens([p.piece for p in tiny.pieces if not is_ordinary(p) and p.type != make.BYTE])
    published.save(str(HERE / "tiny" / "tokenizer.json"), pretty=False)
    for path in sys.argv[1:]:
        expect("gguf.merges.expected.txt", make.from_gguf(path), texts)


if __name__ == "__main__":
    main()
