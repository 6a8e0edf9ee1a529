"""Writes dequantise.gguf and dequantise.safetensors: one small tensor of each type, with its values in F32 as the
`gguf` package computes them. Needs numpy and gguf (pip install numpy gguf); run it in this folder.

In dequantise.gguf, the expected values of tensor NAME are in the tensor NAME.expected. Scales and quants are random
bytes, so that every bit of a block matters, except that the half-precision scales of blocks are finite.
"""

import json

import gguf
import numpy as np
from gguf import GGMLQuantizationType as T

random = np.random.default_rng(7)

# The bytes of a block, and the offsets of its half-precision scales.
BLOCKS = {
    T.Q4_0: (18, [0]), T.Q5_0: (22, [0]), T.Q8_0: (34, [0]),
    T.Q4_K: (144, [0, 2]), T.Q5_K: (176, [0, 2]), T.Q6_K: (210, [208]),
}


def rows(type, count, columns):
    block, elements = BLOCKS[type][0], gguf.GGML_QUANT_SIZES[type][0]
    data = random.integers(0, 256, (count, columns // elements, block), dtype=np.uint8)
    for place in BLOCKS[type][1]:
        scale = random.normal(0, 0.05, data.shape[:2]).astype(np.float16)
        scale[0, 0] = np.float16(3e-6)  # subnormal
        data[:, :, place:place + 2] = scale[..., None].view(np.uint8)
    return data.reshape(count, -1)


def main():
    writer = gguf.GGUFWriter("dequantise.gguf", "test")
    writer.add_array("test.words", ["a", "", "\u2581b"])
    values = random.normal(0, 1, (3, 32)).astype(np.float32)
    halves = values.astype(np.float16)
    halves[0, :4] = [0.0, -0.0, 6e-8, 65504]
    writer.add_tensor("f32", values)
    writer.add_tensor("f32.expected", values)
    writer.add_tensor("f16", halves)
    writer.add_tensor("f16.expected", halves.astype(np.float32))
    bf16 = gguf.quants.quantize(values, T.BF16)
    writer.add_tensor("bf16", bf16, raw_dtype=T.BF16)
    writer.add_tensor("bf16.expected", gguf.quants.dequantize(bf16, T.BF16))
    for type in BLOCKS:
        columns = 64 if gguf.GGML_QUANT_SIZES[type][0] == 32 else 256
        data = rows(type, 2, columns)
        writer.add_tensor(type.name.lower(), data, raw_dtype=type)
        writer.add_tensor(type.name.lower() + ".expected", gguf.quants.dequantize(data, type).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, type, array in [
        ("f32", "F32", values), ("f16", "F16", halves), ("bf16", "BF16", bf16),
        ("ids", "I32", np.arange(-2, 3, dtype=np.int32)),
    ]:
        shape = [3, 32] if name != "ids" else [5]
        header[name] = {"dtype": type, "shape": shape, "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open("dequantise.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


main()
