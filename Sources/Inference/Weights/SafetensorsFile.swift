import Errors
import Foundation

/// A safetensors file: a JSON header and tensors in F32, F16 or BF16.
///
/// Opening a file checks that the tensors fill it without gaps or overlaps, as the format demands:
/// https://github.com/huggingface/safetensors
package struct SafetensorsFile: Sendable {
    /// The file, mapped into memory.
    package let file: MappedFile
    /// The tensors' names, in the order of their data in the file.
    package let tensorNames: [String]
    /// The texts that the header holds under `__metadata__`.
    package let metadata: [String: String]
    private let entries: [String: SafetensorsHeader.Entry]
    /// Where the data begins, in bytes.
    private let dataStart: Int

    // The limit of the reference implementation.
    private static let headerBytesLimit = 100_000_000

    /// Maps and checks the file at `path`; throws what is wrong with it.
    package init(path: String) throws(WeightsError) {
        try self.init(file: MappedFile(path: path))
    }

    /// Checks a file that is already mapped; throws what is wrong with it.
    package init(file: MappedFile) throws(WeightsError) {
        let (header, dataStart) = try file.withUnsafeBytes { (bytes) throws(WeightsError) in
            try Self.parseHeader(bytes, path: file.path)
        }
        self.file = file
        self.dataStart = dataStart
        metadata = header.metadata
        entries = header.entries
        let sorted = header.entries.sorted { ($0.value.offsets, $0.key) < ($1.value.offsets, $1.key) }
        tensorNames = sorted.map(\.key)
        var end = 0
        for (name, entry) in sorted {
            guard let start = entry.offsets.first, let stop = entry.offsets.last, entry.offsets.count == 2,
                start == end, stop >= start, stop <= file.size - dataStart
            else {
                throw WeightsError(
                    .malformed,
                    "\(file.path): tensor \(name.quotedForMessage): data_offsets from \(end) to at most "
                        + "\(file.size - dataStart) expected, \(entry.offsets) found")
            }
            end = stop
            try check(name, entry, bytes: stop - start)
        }
        guard end == file.size - dataStart else {
            throw WeightsError(
                .malformed,
                "\(file.path): \(end) bytes of tensors expected after the header, \(file.size - dataStart) found"
            )
        }
    }

    /// Whether there is a tensor of this name, whatever its element type.
    package func hasTensor(_ name: String) -> Bool { entries[name] != nil }

    /// The tensor of this name; throws `missing` or, for an element type that is not read here, `unsupportedType`.
    package func tensor(named name: String) throws(WeightsError) -> Tensor {
        let entry = try entry(name)
        guard let type = Self.elementType(entry.type) else {
            throw WeightsError(
                .unsupportedType,
                "\(file.path): tensor \(name.quotedForMessage) is of type \(entry.type), which is not read here; "
                    + "convert the model to F32, F16 or BF16")
        }
        return try Tensor(
            name: name, shape: entry.shape, type: type, file: file, offset: dataStart + entry.offsets[0])
    }

    /// The elements of a tensor of type I32 or I64, row by row; throws `missing` or, for another type, `mismatch`.
    package func integers(named name: String) throws(WeightsError) -> [Int] {
        let entry = try entry(name)
        guard entry.type == "I32" || entry.type == "I64" else {
            throw WeightsError(
                .mismatch,
                "\(file.path): tensor \(name.quotedForMessage): I32 or I64 expected, \(entry.type) found")
        }
        return file.withUnsafeBytes { bytes in
            let size = entry.type == "I32" ? 4 : 8
            return stride(from: entry.offsets[0] + dataStart, to: entry.offsets[1] + dataStart, by: size).map
            {
                size == 4
                    ? Int(Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Int32.self)))
                    : Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Int64.self)))
            }
        }
    }

    private func entry(_ name: String) throws(WeightsError) -> SafetensorsHeader.Entry {
        guard let entry = entries[name] else {
            throw WeightsError(
                .missing,
                "\(file.path): tensor \(name.quotedForMessage) expected, but there is none of that name")
        }
        return entry
    }

    /// Checks that the entry has as many bytes as its type and shape need.
    private func check(
        _ name: String, _ entry: SafetensorsHeader.Entry, bytes: Int
    ) throws(WeightsError) {
        // The sizes of other types are not known here; nothing reads their values.
        let sizes = [
            "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2,
            "U16": 2, "I8": 1, "U8": 1, "BOOL": 1,
        ]
        guard let size = sizes[entry.type] else { return }
        var expected = size
        var overflow = false
        for extent in entry.shape {
            guard extent >= 0, !overflow else { overflow = true; break }
            (expected, overflow) = expected.multipliedReportingOverflow(by: extent)
        }
        guard !overflow, expected == bytes else {
            throw WeightsError(
                .malformed,
                "\(file.path): tensor \(name.quotedForMessage): \(entry.type) \(entry.shape) does not match the "
                    + "\(bytes) bytes it has")
        }
    }

    private static func elementType(_ name: String) -> ElementType? {
        switch name {
        case "F32": .f32
        case "F16": .f16
        case "BF16": .bf16
        default: nil
        }
    }

    private static func parseHeader(
        _ bytes: UnsafeRawBufferPointer, path: String
    ) throws(WeightsError) -> (SafetensorsHeader, dataStart: Int) {
        var reader = ByteReader(bytes, path: path)
        let length = try reader.integer(UInt64.self, "length of the header")
        guard length >= 2, length <= UInt64(headerBytesLimit), length <= UInt64(reader.remaining),
            bytes[8] == UInt8(ascii: "{")
        else {
            throw WeightsError(
                .unknownFormat,
                "\(path): a safetensors file expected, but it does not begin with the length of a JSON header "
                    + "(\(length) of \(reader.remaining) bytes)")
        }
        let end = 8 + Int(length)
        do {
            let header = try JSONDecoder().decode(SafetensorsHeader.self, from: Data(bytes[8..<end]))
            return (header, end)
        } catch {
            throw WeightsError(
                .malformed,
                "\(path): the header is not the JSON of a safetensors file: \(ErrorText.of(error))")
        }
    }
}

/// The JSON header: an entry for each tensor's name, and `__metadata__`.
struct SafetensorsHeader: Decodable {
    struct Entry: Decodable {
        var type: String
        var shape: [Int]
        /// Where the data begins and ends, in bytes from the end of the header.
        var offsets: [Int]

        enum CodingKeys: String, CodingKey {
            case type = "dtype"
            case shape
            case offsets = "data_offsets"
        }
    }

    var metadata: [String: String] = [:]
    var entries: [String: Entry] = [:]

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for name in container.allKeys {
            if name.stringValue == "__metadata__" {
                metadata = try container.decode([String: String].self, forKey: name)
            } else {
                entries[name.stringValue] = try container.decode(Entry.self, forKey: name)
            }
        }
    }
}

/// Orders tensors by their offsets, then by name; that there are two offsets each is checked afterwards.
private func < (left: ([Int], String), right: ([Int], String)) -> Bool {
    left.0 == right.0 ? left.1 < right.1 : left.0.lexicographicallyPrecedes(right.0)
}
