/// Collects metadata and tensors in F32 or F16 and writes them as a GGUF file of version 3.
///
/// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
package struct GGUFFileWriter: Sendable {
    /// A metadata value of one of the types that can be written.
    package enum Value: Sendable, Hashable {
        case string(String)
        case uint32(UInt32)
        case float32(Float)
        case bool(Bool)

        fileprivate var type: GGUFValueType {
            switch self {
            case .string: .string
            case .uint32: .uint32
            case .float32: .float32
            case .bool: .bool
            }
        }
    }

    private static let alignment = 32
    private var metadata: [(key: String, value: Value)] = []
    private var tensors: [TensorContent] = []

    /// Begins a file for the architecture that GGUF calls by this name, such as "gemma3".
    package init(architecture: String) { set("general.architecture", .string(architecture)) }

    /// Sets the value of a key, replacing any value that it had.
    package mutating func set(_ key: String, _ value: Value) {
        if let index = metadata.firstIndex(where: { $0.key == key }) {
            metadata[index].value = value
        } else {
            metadata.append((key, value))
        }
    }

    /// Appends a tensor; no tensor of the file may have its name already.
    package mutating func add(_ tensor: TensorContent) {
        precondition(tensors.allSatisfy { $0.name != tensor.name })
        tensors.append(tensor)
    }

    /// Writes the file to `path` atomically, replacing what is there; throws `unwritable` if that fails.
    package func write(to path: String) throws(WeightsError) {
        var head: [UInt8] = Array("GGUF".utf8)
        head.append(littleEndian: UInt32(3))
        head.append(littleEndian: UInt64(tensors.count))
        head.append(littleEndian: UInt64(metadata.count))
        for (key, value) in metadata {
            head.append(counted: key)
            head.append(littleEndian: value.type.rawValue)
            switch value {
            case .string(let text): head.append(counted: text)
            case .uint32(let number): head.append(littleEndian: number)
            case .float32(let number): head.append(littleEndian: number.bitPattern)
            case .bool(let truth): head.append(truth ? 1 : 0)
            }
        }
        var offset = 0
        for tensor in tensors {
            head.append(counted: tensor.name)
            head.append(littleEndian: UInt32(tensor.shape.count))
            // GGUF lists the fastest-moving dimension first.
            for extent in tensor.shape.reversed() { head.append(littleEndian: UInt64(extent)) }
            head.append(littleEndian: tensor.type.rawValue)
            head.append(littleEndian: UInt64(offset))
            offset += tensor.bytes.count + Self.padding(behind: tensor.bytes.count)
        }
        var parts = [head + [UInt8](repeating: 0, count: Self.padding(behind: head.count))]
        for tensor in tensors {
            parts.append(tensor.bytes)
            parts.append([UInt8](repeating: 0, count: Self.padding(behind: tensor.bytes.count)))
        }
        try replaceFile(at: path, with: parts)
    }

    private static func padding(behind count: Int) -> Int { (alignment - count % alignment) % alignment }
}

extension [UInt8] {
    mutating func append(littleEndian number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends a text, preceded by its length in bytes as a 64-bit number.
    fileprivate mutating func append(counted text: String) {
        append(littleEndian: UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}
