import Files

/// Replaces the file at `path` as a whole with these parts, one behind the other; throws `unwritable`.
func replaceFile(at path: String, with parts: [[UInt8]]) throws(WeightsError) {
    do {
        var new = try FileReplacement(of: path, naming: .unique)
        for part in parts { try new.file.write(part) }
        try new.takePlace()
        // Ignored: without it a crash may bring back the old file, which is also complete.
        try? Folder.synchronize(new.folder)
    } catch {
        // The file that was asked for, not the one that is written beside it.
        throw WeightsError(.unwritable, "\(FileError(path, error.what, errno: error.number))")
    }
}
