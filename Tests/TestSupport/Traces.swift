import Foundation

/// Finds what is left of some words in files, whatever their format: every sequence of 12 bytes counts.
package struct Traces: Sendable {
    private static let length = 12
    private let sequences: Set<[UInt8]>
    /// The first eight bytes of each, which are compared first.
    private let beginnings: Set<UInt64>

    /// Looks for any 12 bytes in a row of any of `texts`.
    package init(of texts: some Sequence<String>) {
        var sequences: Set<[UInt8]> = []
        for text in texts {
            let bytes = Array(text.utf8)
            guard bytes.count >= Self.length else { continue }
            for start in 0...(bytes.count - Self.length) {
                sequences.insert(Array(bytes[start..<start + Self.length]))
            }
        }
        precondition(!sequences.isEmpty, "there is nothing to look for")
        self.sequences = sequences
        beginnings = Set(sequences.map { $0.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } })
    }

    /// Each file below `folder`, hidden ones as well, that has such a sequence, with the first one.
    package func found(below folder: String) -> [String] {
        let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return paths.sorted().compactMap { path in
            // Ignored: folders, sockets, and what went away in between.
            guard let data = try? Data(contentsOf: URL(filePath: folder + "/" + path)) else { return nil }
            return first(in: data).map { "\(path): '\($0)'" }
        }
    }

    private func first(in data: Data) -> String? {
        data.withUnsafeBytes { bytes -> String? in
            guard bytes.count >= Self.length else { return nil }
            for start in 0...(bytes.count - Self.length) {
                let beginning = bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
                guard beginnings.contains(beginning) else { continue }
                let sequence = Array(bytes[start..<start + Self.length])
                if sequences.contains(sequence) { return String(decoding: sequence, as: UTF8.self) }
            }
            return nil
        }
    }
}
