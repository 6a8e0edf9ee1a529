import Glibc

/// Creates folders and makes their entries durable.
package enum Folder {
    /// Creates a folder with this mode, less the process's umask, and its parents, unless they exist.
    package static func make(_ path: String, mode: mode_t = 0o777) throws(FileError) {
        if isFolder(path) { return }
        if path.hasSuffix("/") { return try make(String(path.dropLast()), mode: mode) }
        let (parent, _) = split(path)
        if parent != path { try make(parent) }
        // Another process may have made it in the meantime.
        guard mkdir(path, mode) == 0 || isFolder(path) else { throw FileError(path, "made") }
    }

    /// Makes the entries of a folder durable.
    package static func synchronize(_ path: String) throws(FileError) {
        try OpenFile(path, O_RDONLY | O_DIRECTORY).synchronize()
    }

    /// The folder of a path, and the name in it.
    package static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = slash == path.startIndex ? "/" : String(path[..<slash])
        return (folder, String(path[path.index(after: slash)...]))
    }

    private static func isFolder(_ path: String) -> Bool {
        let error = errno
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return true }
        errno = error
        return false
    }
}
