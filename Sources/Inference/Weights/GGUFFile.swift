/// A GGUF file, version 2 or 3: metadata and tensors.
///
/// Opening a file reads and checks everything except the tensors' values. Format:
/// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
package struct GGUFFile: Sendable {
    /// The file, mapped into memory.
    package let file: MappedFile
    /// The format's version, 2 or 3; the two differ only for big-endian files, which are refused.
    package let version: Int
    /// The tensors' names, in the order of the file.
    package let tensorNames: [String]
    let metadata: [String: GGUFValue]
    private let tensors: [String: Entry]

    /// What the file says about one tensor: `shape` has the slowest-moving extent first, `offset` is in bytes from
    /// the beginning of the file.
    private struct Entry {
        var shape: [Int]
        var typeNumber: UInt32
        var offset: Int
    }

    // Far above what any model has. These limits bound the time and memory that a damaged file can cost.
    private static let metadataLimit = 65_536
    private static let tensorLimit = 1_000_000
    private static let keyBytesLimit = 65_535
    private static let dimensionLimit = 4

    /// Maps and checks the file at `path`; throws what is wrong with it.
    package init(path: String) throws(WeightsError) {
        try self.init(file: MappedFile(path: path))
    }

    /// Checks a file that is already mapped; throws what is wrong with it.
    package init(file: MappedFile) throws(WeightsError) {
        let parsed = try file.withUnsafeBytes { (bytes) throws(WeightsError) in
            try Self.parse(bytes, path: file.path)
        }
        self.file = file
        version = parsed.version
        metadata = parsed.metadata
        tensorNames = parsed.tensors.map(\.name)
        var entries: [String: Entry] = [:]
        for (name, entry) in parsed.tensors { entries[name] = entry }
        tensors = entries
        guard entries.count == parsed.tensors.count else {
            throw WeightsError(.malformed, "\(file.path): two tensors have the same name")
        }
        try checkTensors()
    }

    /// The value of `general.architecture`, for example "gemma3".
    ///
    /// Keys that describe the model begin with it.
    package var architecture: String {
        get throws(WeightsError) { try string("general.architecture") }
    }

    /// The keys of all metadata, sorted.
    package var metadataKeys: [String] { metadata.keys.sorted() }

    /// Whether the metadata has a value for `key`.
    package func hasMetadata(_ key: String) -> Bool { metadata[key] != nil }

    /// Whether the metadata has an array for `key`.
    package func isArray(_ key: String) -> Bool { metadata[key]?.count != nil }

    /// Whether there is a tensor of this name, whatever its element type.
    package func hasTensor(_ name: String) -> Bool { tensors[name] != nil }

    /// The tensor of this name; throws `missing` or, for an element type that is not read here, `unsupportedType`.
    package func tensor(named name: String) throws(WeightsError) -> Tensor {
        guard let entry = tensors[name] else {
            throw WeightsError(
                .missing,
                "\(file.path): tensor \(name.quotedForMessage) expected, but there is none of that name")
        }
        guard let type = ElementType(rawValue: entry.typeNumber) else {
            throw WeightsError(
                .unsupportedType,
                "\(file.path): tensor \(name.quotedForMessage) is of type \(ElementType.ggmlName(entry.typeNumber)), "
                    + "which is not read here; convert the model to one of \(ElementType.supportedNames)")
        }
        return try Tensor(name: name, shape: entry.shape, type: type, file: file, offset: entry.offset)
    }

    // MARK: Reading

    private struct Parsed {
        var version: Int
        var metadata: [String: GGUFValue]
        var tensors: [(name: String, entry: Entry)]
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer, path: String) throws(WeightsError) -> Parsed {
        var reader = ByteReader(bytes, path: path)
        let version = try parseVersion(&reader)
        let tensorCount = try reader.integer(UInt64.self, "count of tensors")
        let metadataCount = try reader.integer(UInt64.self, "count of metadata")
        guard tensorCount <= UInt64(tensorLimit), metadataCount <= UInt64(metadataLimit) else {
            throw WeightsError(
                .malformed,
                "\(path): at most \(tensorLimit) tensors and \(metadataLimit) metadata keys expected, "
                    + "\(tensorCount) and \(metadataCount) found")
        }
        let metadata = try parseMetadata(&reader, count: Int(metadataCount))
        var tensors: [(name: String, entry: Entry)] = []
        for _ in 0..<Int(tensorCount) { tensors.append(try parseTensor(&reader)) }
        let alignment = try alignment(metadata, reader)
        // A position in a file is far below Int.max, so this does not overflow.
        let start = (reader.position + alignment - 1) / alignment * alignment
        for index in tensors.indices {
            let (offset, overflow) = tensors[index].entry.offset.addingReportingOverflow(start)
            guard !overflow, tensors[index].entry.offset % alignment == 0 else {
                throw WeightsError(
                    .malformed,
                    "\(path): tensor \(tensors[index].name.quotedForMessage): an offset divisible by "
                        + "\(alignment) expected, \(tensors[index].entry.offset) found")
            }
            tensors[index].entry.offset = offset
        }
        return Parsed(version: version, metadata: metadata, tensors: tensors)
    }

    private static func parseVersion(_ reader: inout ByteReader) throws(WeightsError) -> Int {
        func refusal(_ what: String) -> WeightsError {
            WeightsError(.unknownFormat, "\(reader.path): \(what)")
        }
        guard reader.remaining >= 8, try reader.integer(UInt32.self, "magic") == 0x4655_4747 else {
            throw refusal("a GGUF file expected, but it does not begin with \"GGUF\"")
        }
        let version = try reader.integer(UInt32.self, "version")
        guard version & 0xffff != 0 else {
            throw refusal("this GGUF file is big-endian; only little-endian ones are read")
        }
        guard version == 2 || version == 3 else {
            throw refusal("GGUF version 2 or 3 expected, \(version) found; convert the model again")
        }
        return Int(version)
    }

    private static func parseMetadata(
        _ reader: inout ByteReader, count: Int
    ) throws(WeightsError) -> [String: GGUFValue] {
        var metadata: [String: GGUFValue] = [:]
        for index in 0..<count {
            let key = try parseName(&reader, "key of metadata \(index)")
            let value = try reader.metadataValue("metadata \(key.quotedForMessage)")
            guard metadata.updateValue(value, forKey: key) == nil else {
                throw WeightsError(
                    .malformed, "\(reader.path): metadata \(key.quotedForMessage) is there twice")
            }
        }
        return metadata
    }

    private static func parseName(_ reader: inout ByteReader, _ what: String) throws(WeightsError) -> String {
        let range = try reader.string(what)
        guard range.count > 0, range.count <= keyBytesLimit else {
            throw WeightsError(
                .malformed,
                "\(reader.path): \(what): 1...\(keyBytesLimit) bytes expected, \(range.count) found")
        }
        return try reader.text(range, what)
    }

    private static func parseTensor(
        _ reader: inout ByteReader
    ) throws(WeightsError) -> (name: String, entry: Entry) {
        let name = try parseName(&reader, "name of a tensor")
        let what = "tensor \(name.quotedForMessage)"
        let dimensions = try reader.integer(UInt32.self, what)
        guard dimensions >= 1, dimensions <= UInt32(dimensionLimit) else {
            throw WeightsError(
                .malformed,
                "\(reader.path): \(what): 1...\(dimensionLimit) dimensions expected, \(dimensions) found")
        }
        var shape: [Int] = []
        for _ in 0..<dimensions {
            let extent = try reader.integer(UInt64.self, what)
            guard let extent = Int(exactly: extent), extent > 0 else {
                throw WeightsError(.malformed, "\(reader.path): \(what): an extent of \(extent)")
            }
            shape.append(extent)
        }
        let type = try reader.integer(UInt32.self, what)
        let offset = try reader.integer(UInt64.self, what)
        guard let offset = Int(exactly: offset) else {
            throw WeightsError(.malformed, "\(reader.path): \(what): offset \(offset) is beyond any file")
        }
        // GGUF lists the fastest-moving dimension first.
        return (name, Entry(shape: shape.reversed(), typeNumber: type, offset: offset))
    }

    private static func alignment(
        _ metadata: [String: GGUFValue], _ reader: ByteReader
    ) throws(WeightsError) -> Int {
        guard let value = metadata["general.alignment"] else { return 32 }
        var alignment: UInt32 = 0
        if value.type == .uint32, value.count == nil {
            alignment = UInt32(
                littleEndian: reader.bytes.loadUnaligned(fromByteOffset: value.offset, as: UInt32.self))
        }
        guard alignment.nonzeroBitCount == 1, alignment <= 1 << 20 else {
            throw WeightsError(
                .malformed,
                "\(reader.path): metadata \"general.alignment\": a uint32 power of two up to 1048576 expected"
            )
        }
        return Int(alignment)
    }

    /// Checks that tensors lie inside the file and do not overlap; of element types that are not read here, only the
    /// offset is known.
    private func checkTensors() throws(WeightsError) {
        var places: [(start: Int, end: Int, name: String)] = []
        for name in tensorNames {
            guard let entry = tensors[name] else { continue }
            guard ElementType(rawValue: entry.typeNumber) != nil else {
                places.append((entry.offset, entry.offset, name))
                continue
            }
            let tensor = try tensor(named: name)
            places.append((tensor.offset, tensor.offset + tensor.byteCount, name))
        }
        places.sort { ($0.start, $0.end) < ($1.start, $1.end) }
        for (place, next) in zip(places, places.dropFirst()) where next.start < place.end {
            throw WeightsError(
                .malformed,
                "\(file.path): tensors \(place.name.quotedForMessage) and \(next.name.quotedForMessage) overlap"
            )
        }
    }
}
