import Errors
import Foundation

/// The weights in a folder in Hugging Face's layout: `model.safetensors`, or several files among which
/// `model.safetensors.index.json` distributes the tensors.
package struct SafetensorsDirectory: Sendable {
    /// The path of the folder.
    package let path: String
    /// The safetensors files of the folder, sorted by name.
    package let files: [SafetensorsFile]
    /// The names of all tensors in all files, sorted.
    package let tensorNames: [String]
    private let places: [String: Int]

    /// Opens all safetensors files of the folder; throws if one cannot be read or lacks a tensor that the index lists.
    package init(path: String) throws(WeightsError) {
        self.path = path
        let index = path + "/model.safetensors.index.json"
        if FileManager.default.fileExists(atPath: index) {
            let shards = try Self.readIndex(index)
            let names = Set(shards.values).sorted()
            var files: [SafetensorsFile] = []
            for name in names { files.append(try SafetensorsFile(path: path + "/" + name)) }
            var places: [String: Int] = [:]
            for (tensor, shard) in shards {
                guard let place = names.firstIndex(of: shard), files[place].hasTensor(tensor) else {
                    throw WeightsError(
                        .missing,
                        "\(path)/\(shard): tensor \(tensor.quotedForMessage) expected, as \(index) says")
                }
                places[tensor] = place
            }
            self.files = files
            self.places = places
        } else {
            let file = try SafetensorsFile(path: path + "/model.safetensors")
            files = [file]
            places = Dictionary(uniqueKeysWithValues: file.tensorNames.map { ($0, 0) })
        }
        tensorNames = places.keys.sorted()
    }

    /// Whether there is a tensor of this name, whatever its element type.
    package func hasTensor(_ name: String) -> Bool { places[name] != nil }

    /// The tensor of this name; throws `missing` or, for an element type that is not read here, `unsupportedType`.
    package func tensor(named name: String) throws(WeightsError) -> Tensor {
        guard let place = places[name] else {
            throw WeightsError(
                .missing,
                "\(path): tensor \(name.quotedForMessage) expected, but no file in the folder has it")
        }
        return try files[place].tensor(named: name)
    }

    private struct Index: Decodable {
        var weight_map: [String: String]
    }

    /// Reads from the index which file has which tensor; the files must lie directly in the folder.
    private static func readIndex(_ path: String) throws(WeightsError) -> [String: String] {
        let map: [String: String]
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            map = try JSONDecoder().decode(Index.self, from: data).weight_map
        } catch {
            throw WeightsError(
                .malformed, "\(path): an index of safetensors files expected: \(ErrorText.of(error))")
        }
        guard !map.isEmpty else { throw WeightsError(.malformed, "\(path): the weight_map is empty") }
        for name in map.values where name.isEmpty || name.contains("/") || name.contains("\0") {
            throw WeightsError(
                .malformed,
                "\(path): names of files in the same folder expected, \(name.quotedForMessage) found")
        }
        return map
    }
}
