import Glibc

/// A new file that is written beside the one that it is to replace, and then takes its place.
///
///     var new = try FileReplacement(of: path)
///     try new.file.write(bytes)
///     try new.takePlace()
///     try Folder.synchronize(new.folder)
///
/// A reader sees the whole old file or the whole new one at any moment, even after a crash; one that has mapped the old
/// file keeps it. A replacement that has not taken its place is removed with the value.
package struct FileReplacement: ~Copyable {
    /// What the new file is called until it takes its place.
    package enum Naming: Sendable {
        /// `.NAME.tmp`, for a folder that one process writes: what a crash has left behind is overwritten.
        case fixed
        /// A name of its own, so that two processes never write into the same file.
        case unique
    }

    /// The new file, to be written.
    package let file: OpenFile
    /// The folder that both files are in.
    package let folder: String
    private let path: String
    private var isInPlace = false

    /// Makes the new file for `path`, whose folder must exist.
    package init(of path: String, naming: Naming = .fixed) throws(FileError) {
        let (folder, name) = Folder.split(path)
        let temporary: String
        let flags: CInt
        switch naming {
        case .fixed: (temporary, flags) = ("\(folder)/.\(name).tmp", O_TRUNC)
        case .unique:
            temporary = "\(folder)/.\(name).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).tmp"
            flags = O_EXCL
        }
        self.path = path
        self.folder = folder
        do {
            file = try OpenFile(
                temporary, O_WRONLY | O_CREAT | O_NOFOLLOW | flags, mode: 0o644, for: "written")
        } catch {
            // The file that was asked for, not the name beside it.
            throw FileError(path, error.what, errno: error.number)
        }
    }

    deinit {
        if !isInPlace { unlink(file.path) }
    }

    /// Makes what was written durable and renames the file; a crash may bring back the old one until ``folder`` is
    /// synchronised.
    package mutating func takePlace() throws(FileError) {
        try file.synchronize()
        guard rename(file.path, path) == 0 else { throw FileError(path, "replaced") }
        isInPlace = true
    }
}
