import Foundation
import Testing
import Weights

@testable import Gemma

/// A temporary folder with a quantised copy of a tiny model; it is removed when the value is released.
final class PackedWeightsFixture: Sendable {
    let folder: String
    let modelPath: String

    /// The path of the file of repacked weights beside the model.
    var cachePath: String { modelPath + ".tiles" }

    init(_ name: String = "gemma") throws {
        let memory = "/dev/shm"
        let parent =
            FileManager.default.isWritableFile(atPath: memory)
            ? memory : FileManager.default.temporaryDirectory.path
        folder = parent + "/tiles-" + UUID().uuidString
        modelPath = folder + "/tiny.gguf"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try write(Self.quantized(Fixtures.path(name + "-f32.gguf")), to: modelPath)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func model() throws -> GemmaModel { try GemmaModel(path: modelPath) }

    /// Replaces a file by a new one instead of overwriting it, since it may be mapped.
    func write(_ bytes: [UInt8], to path: String) throws {
        try? FileManager.default.removeItem(atPath: path)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    func read(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

    /// The names of all files in the folder except the model's.
    func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != "tiny.gguf" }.sorted()
    }

    /// The GGUF file with its matrices quantised to Q8_0, Q4_0 and Q5_0 in turn and its metadata unchanged.
    private static func quantized(_ path: String) throws -> [UInt8] {
        let file = try GGUFFile(path: path)
        let source = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let first = numberBytes(UInt64(file.tensorNames[0].utf8.count)) + Array(file.tensorNames[0].utf8)
        let infos = try #require(source.indices.first { source[$0...].starts(with: first) })
        var (header, data) = (Array(source[..<infos]), [UInt8]())
        for (index, name) in file.tensorNames.enumerated() {
            let tensor = try file.tensor(named: name)
            let isMatrix = tensor.shape.count == 2 && tensor.columns % 32 == 0
            let quantizer = isMatrix ? Quantizer.allCases[index % 3] : nil
            header += numberBytes(UInt64(name.utf8.count)) + Array(name.utf8)
            header += numberBytes(UInt32(tensor.shape.count))
            for extent in tensor.shape.reversed() { header += numberBytes(UInt64(extent)) }
            header += numberBytes(quantizer?.rawValue ?? 0) + numberBytes(UInt64(data.count))
            let values = tensor.floats()
            if let quantizer {
                for begin in stride(from: 0, to: values.count, by: 32) {
                    data += quantizer.block(values[begin..<begin + 32])
                }
            } else {
                for value in values { data += numberBytes(value.bitPattern) }
            }
            data += [UInt8](repeating: 0, count: (32 - data.count % 32) % 32)
        }
        header += [UInt8](repeating: 0, count: (32 - header.count % 32) % 32)
        return header + data
    }

    /// The block formats, with their numbers in GGUF files.
    private enum Quantizer: UInt32, CaseIterable {
        case q8 = 8
        case q4 = 2
        case q5 = 6

        func block(_ values: ArraySlice<Float>) -> [UInt8] {
            let limit: Float = self == .q8 ? 127 : self == .q4 ? 7 : 15
            let scale = Float16((values.map(abs).max() ?? 0) / limit)
            let numbers = values.map { value in
                scale == 0 ? 0 : Int(max(-limit, min(limit, (value / Float(scale)).rounded())))
            }
            var bytes = numberBytes(scale.bitPattern)
            switch self {
            case .q8: bytes += numbers.map { UInt8(bitPattern: Int8($0)) }
            case .q4: bytes += (0..<16).map { UInt8(numbers[$0] + 8) | UInt8(numbers[$0 + 16] + 8) << 4 }
            case .q5:
                let raised = numbers.map { UInt32($0 + 16) }
                bytes += numberBytes(
                    raised.indices.reduce(UInt32(0)) { $0 | (raised[$1] >> 4) << UInt32($1) })
                bytes += (0..<16).map { UInt8(raised[$0] & 15 | (raised[$0 + 16] & 15) << 4) }
            }
            return bytes
        }
    }
}

/// The bytes of a number, the least significant first.
private func numberBytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
