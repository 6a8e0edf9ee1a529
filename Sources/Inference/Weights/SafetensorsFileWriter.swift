import Errors
import Foundation

/// Collects tensors in F32 or F16 and writes them, after a JSON header, as a safetensors file.
///
/// Format: https://github.com/huggingface/safetensors
package struct SafetensorsFileWriter: Sendable {
    /// The texts that the header holds under `__metadata__`.
    package var metadata: [String: String]
    private var tensors: [TensorContent] = []

    /// Begins a file without tensors.
    package init(metadata: [String: String] = [:]) { self.metadata = metadata }

    /// Appends a tensor; no tensor of the file may have its name already.
    package mutating func add(_ tensor: TensorContent) {
        precondition(tensors.allSatisfy { $0.name != tensor.name } && tensor.name != "__metadata__")
        tensors.append(tensor)
    }

    /// Writes the file to `path` atomically, replacing what is there; throws `unwritable` if that fails.
    package func write(to path: String) throws(WeightsError) {
        var header: [String: Any] = metadata.isEmpty ? [:] : ["__metadata__": metadata]
        var offset = 0
        for tensor in tensors {
            header[tensor.name] =
                [
                    "dtype": tensor.type.name, "shape": tensor.shape,
                    "data_offsets": [offset, offset + tensor.bytes.count],
                ] as [String: Any]
            offset += tensor.bytes.count
        }
        var json: [UInt8]
        do {
            json = Array(
                try JSONSerialization.data(
                    withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes]))
        } catch {
            throw WeightsError(
                .unwritable, "\(path): the header cannot be written as JSON: \(ErrorText.of(error))")
        }
        // The data begins at a multiple of 8, as in files that the reference implementation writes.
        json += [UInt8](repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
        var length: [UInt8] = []
        length.append(littleEndian: UInt64(json.count))
        try replaceFile(at: path, with: [length, json] + tensors.map(\.bytes))
    }
}
