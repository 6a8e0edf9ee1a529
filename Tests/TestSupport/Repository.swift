import Foundation

/// The repository that the tests were compiled from.
package enum Repository {
    /// Its folder: the one above this file that has the package's manifest.
    package static let root: URL = {
        var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        while folder.path.count > 1 {
            folder.deleteLastPathComponent()
            let manifest = folder.appending(path: "Package.swift").path
            if FileManager.default.fileExists(atPath: manifest) { return folder }
        }
        preconditionFailure("no folder above \(#filePath) has a Package.swift")
    }()

    /// The tiny models of random weights that the inference half's tests share.
    package static let tinyModels = root.appending(path: "Tests/Inference/GemmaTests/Fixtures")
}
