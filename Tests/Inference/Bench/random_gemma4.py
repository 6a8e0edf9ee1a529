"""Writes a GGUF file with the shape of Gemma 4 E2B and random weights, which is as fast as the published one.

    python random_gemma4.py VOCABULARY.gguf OUTPUT.gguf [--layers N]

The layers are in Q4_0, the head and the table of layer inputs in Q6_K and the projection to them in BF16, as llama.cpp
quantises the model. VOCABULARY is a file of Gemma 3, whose pieces Gemma 4 has, too; the merges are made from them. With
fewer layers than 35, every fifth still has full attention and four of seven share their keys and values. The file takes
3.2 GB, and is written in a minute.
"""

import argparse
import sys

import gguf
import numpy

WIDTH, HEADS, FEED_FORWARD, INPUT, WINDOW = 1536, 8, 6144, 256, 512
SLIDING, FULL = 256, 512  # the width of a head
# Gemma 4's control tokens in the places where Gemma 3 has unused ones, and the marks of a turn.
CONTROL = {
    46: "<|tool>", 47: "<tool|>", 48: "<|tool_call>", 49: "<tool_call|>", 50: "<|tool_response>", 51: "<tool_response|>",
    52: '<|"|>', 98: "<|think|>", 100: "<|channel>", 101: "<channel|>", 105: "<|turn>", 106: "<turn|>",
}
NORMAL, CONTROL_TYPE, USER = 1, 3, 4
Type = gguf.GGMLQuantizationType


class Weights:
    """Random weights, about normal with a deviation of 0.02, made in the form in which they are stored."""

    def __init__(self, writer):
        self.writer, self.random = writer, numpy.random.default_rng(1)

    def bytes(self, *shape):
        return self.random.integers(0, 256, shape, numpy.uint8)

    def q4_0(self, name, rows, columns):
        blocks = self.bytes(rows, columns // 32, 18)
        blocks[..., :2] = numpy.array([0.0043], numpy.float16).view(numpy.uint8)
        self.writer.add_tensor(name, blocks.reshape(rows, -1), raw_dtype=Type.Q4_0)

    def q6_k(self, name, rows, columns):
        data = numpy.empty((rows, columns // 256 * 210), numpy.uint8)
        for first in range(0, rows, 8192):  # a piece at a time, for the memory
            part = data[first : first + 8192]
            blocks = self.bytes(len(part), columns // 256, 210)
            blocks[..., 192:208] = 40
            blocks[..., 208:] = numpy.array([2.7e-5], numpy.float16).view(numpy.uint8)
            part[:] = blocks.reshape(len(part), -1)
        self.writer.add_tensor(name, data, raw_dtype=Type.Q6_K)

    def bf16(self, name, rows, columns):
        values = (self.random.standard_normal((rows, columns), numpy.float32) * 0.02).view(numpy.uint32) >> 16
        self.writer.add_tensor(name, values.astype(numpy.uint16).view(numpy.uint8), raw_dtype=Type.BF16)

    def norm(self, name, width):
        values = 1 + 0.1 * self.random.standard_normal(width, numpy.float32)
        self.writer.add_tensor(name, values.astype(numpy.float32))


def merges(tokens, types):
    ids = {token: index for index, token in enumerate(tokens) if types[index] == NORMAL}
    found = []
    for piece in ids:
        parts = ((piece[:cut], piece[cut:]) for cut in range(1, len(piece)))
        found += sorted((p for p in parts if p[0] in ids and p[1] in ids), key=lambda p: (ids[p[0]], ids[p[1]]))
    return [f"{left} {right}" for left, right in found]


def add_vocabulary(writer, path):
    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    types = fields["tokenizer.ggml.token_type"].contents()
    for index, token in enumerate(tokens):
        if index in CONTROL or token.startswith("<unused"):
            tokens[index], types[index] = CONTROL.get(index, token), CONTROL_TYPE if index in CONTROL else NORMAL
        elif types[index] == USER:  # normal in Gemma 4
            tokens[index], types[index] = token.replace(" ", "▁"), NORMAL
    writer.add_tokenizer_model("gemma4")
    writer.add_token_list(tokens)
    writer.add_token_scores([-1000.0] * len(tokens))
    writer.add_token_types(types)
    writer.add_token_merges(merges(tokens, types))
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(106)
    writer.add_unk_token_id(3)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(False)
    writer.add_chat_template("{{ bos_token }}")
    return len(tokens)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("vocabulary")
    parser.add_argument("output")
    parser.add_argument("--layers", type=int, default=35)
    options = parser.parse_args()
    layers = options.layers
    shared = layers * 4 // 7
    own = layers - shared
    if own < 5:
        sys.exit("random_gemma4: at least 10 layers are needed, for one with full attention to be shared")
    is_full = [layer % 5 == 4 for layer in range(layers)]
    writer = gguf.GGUFWriter(options.output, "gemma4", use_temp_file=True)
    writer.add_name("random Gemma 4 E2B")
    writer.add_context_length(131072)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(layers)
    writer.add_feed_forward_length([FEED_FORWARD if layer < own else 2 * FEED_FORWARD for layer in range(layers)])
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-6)
    for add, width in [
        (writer.add_key_length, FULL), (writer.add_value_length, FULL), (writer.add_rope_dimension_count, FULL),
        (writer.add_key_length_swa, SLIDING), (writer.add_value_length_swa, SLIDING),
        (writer.add_rope_dimension_count_swa, SLIDING),
    ]:
        add(width)
    writer.add_rope_freq_base(1e6)
    writer.add_rope_freq_base_swa(1e4)
    writer.add_sliding_window(WINDOW)
    writer.add_sliding_window_pattern([not full for full in is_full])
    writer.add_shared_kv_layers(shared)
    writer.add_embedding_length_per_layer_input(INPUT)
    writer.add_final_logit_softcapping(30.0)
    vocabulary = add_vocabulary(writer, options.vocabulary)

    weights = Weights(writer)
    writer.add_tensor("rope_freqs.weight", numpy.array([1.0] * 64 + [1e30] * 192, numpy.float32))
    weights.q6_k("token_embd.weight", vocabulary, WIDTH)
    weights.q6_k("per_layer_token_embd.weight", vocabulary, layers * INPUT)
    weights.bf16("per_layer_model_proj.weight", layers * INPUT, WIDTH)
    weights.norm("per_layer_proj_norm.weight", INPUT)
    weights.norm("output_norm.weight", WIDTH)
    for layer in range(layers):
        width = FULL if is_full[layer] else SLIDING
        feed_forward = FEED_FORWARD if layer < own else 2 * FEED_FORWARD

        def name(part):
            return f"blk.{layer}.{part}.weight"

        for part in ["attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm", "post_norm"]:
            weights.norm(name(part), WIDTH)
        weights.norm(name("attn_q_norm"), width)
        weights.q4_0(name("attn_q"), HEADS * width, WIDTH)
        if layer < own:
            weights.norm(name("attn_k_norm"), width)
            weights.q4_0(name("attn_k"), width, WIDTH)
            weights.q4_0(name("attn_v"), width, WIDTH)
        weights.q4_0(name("attn_output"), WIDTH, HEADS * width)
        weights.q4_0(name("ffn_gate"), feed_forward, WIDTH)
        weights.q4_0(name("ffn_up"), feed_forward, WIDTH)
        weights.q4_0(name("ffn_down"), WIDTH, feed_forward)
        weights.q4_0(name("inp_gate"), INPUT, WIDTH)
        weights.q4_0(name("proj"), WIDTH, INPUT)
        writer.add_tensor(name("layer_output_scale"), numpy.array([0.9], numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
