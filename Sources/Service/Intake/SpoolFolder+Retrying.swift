import Foundation
import Glibc

/// Moving refused files back into `incoming/`.
extension SpoolFolder {
    /// Names of the files that were refused.
    package func failedNames() -> [String] {
        // Ignored: a folder that is not there holds nothing.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: failed)) ?? []
        return names.filter { !$0.hasSuffix(Self.reasonSuffix) && !$0.hasPrefix(".") }.sorted()
    }

    /// Moves a refused file back, so that it is tried again, and removes its reason; returns the name that it has in
    /// `incoming/`, nil if there is no such file.
    ///
    /// Throws ``IntakeError`` if it cannot be moved, or a file of that name waits already.
    package func retry(_ name: String) throws -> String? {
        guard !name.isEmpty, !name.contains("/") else {
            throw IntakeError(.spoolUnusable, "'\(name)' is not the name of a file in \(failed)")
        }
        guard let back = try moveToIncoming(name, from: failed) else { return nil }
        // After the move: a reason without a file does less harm than a file without a reason.
        unlink(failed + "/" + name + Self.reasonSuffix)
        try synchronize()
        return back
    }

    /// Moves a file back under the name it came with; nil if it was gone.
    func moveToIncoming(_ name: String, from folder: String) throws -> String? {
        let target = Self.original(of: name)
        switch try Self.rename(folder + "/" + name, to: incoming + "/" + target) {
        case .moved: return target
        case .gone: return nil
        case .taken:
            throw IntakeError(
                .spoolUnusable, "a file \(target) waits in \(incoming) already: try again later")
        }
    }

    /// The name without the number that was put behind it where it was taken: `a.vtt.2` is `a.vtt`.
    package static func original(of name: String) -> String {
        let pieces = name.split(separator: ".", omittingEmptySubsequences: false)
        // A chunk's number stands before the ending, or is the ending of a name without one.
        guard pieces.count > 2, let number = pieces.last.flatMap({ Int($0) }), number > 1,
            Int(pieces[pieces.count - 2]) == nil
        else { return name }
        return pieces.dropLast().joined(separator: ".")
    }
}
