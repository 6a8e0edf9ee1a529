import Files
import Foundation
import Glibc

/// Moving files out of `incoming/`.
extension SpoolFolder {
    /// Moves a file to `done/`; returns the name that it has there, nil if it was gone.
    func moveToDone(_ name: String) throws -> String? {
        for number in 1... {
            let target = Self.name(name, number: number, room: 0)
            switch try Self.rename(incoming + "/" + name, to: done + "/" + target) {
            case .moved: return target
            case .gone: return nil
            case .taken: continue
            }
        }
        return nil
    }

    /// Moves a file to `failed/` and writes `reason` beside it; returns the name that it has there, nil if it
    /// was gone.
    ///
    /// The reason is written first: a crash leaves a reason without a file rather than a file nobody can explain.
    func moveToFailed(_ name: String, reason: String) throws -> String? {
        for number in 1... {
            let target = Self.name(name, number: number, room: Self.reasonSuffix.utf8.count)
            let reasonPath = failed + "/" + target + Self.reasonSuffix
            guard !Self.exists(failed + "/" + target), try Self.write(reason, toNew: reasonPath) else {
                continue
            }
            switch try Self.rename(incoming + "/" + name, to: failed + "/" + target) {
            case .moved: return target
            case .gone:
                unlink(reasonPath)
                return nil
            case .taken:
                unlink(reasonPath)
                continue
            }
        }
        return nil
    }

    /// Moves a file with hints to where the file that they are about went.
    func moveBeside(_ name: String, to folder: String) throws {
        for number in 1... {
            let target = Self.name(name, number: number, room: 0)
            // Ignored: it may be gone already.
            guard case .taken = try Self.rename(incoming + "/" + name, to: folder + "/" + target) else {
                return
            }
        }
    }

    /// Makes the moves durable.
    ///
    /// A move that is lost in a power failure does no harm: the file is found again and recognised as a duplicate.
    package func synchronize() throws {
        for folder in [done, failed, incoming] {
            try Folder.synchronize(folder)
        }
    }

    // MARK: - Names

    static let reasonSuffix = ".reason"
    private static let nameBytesLimit = 255

    /// `name`, `name.2`, `name.3`, cut at a character where it would leave less than `room` bytes.
    private static func name(_ name: String, number: Int, room: Int) -> String {
        let suffix = number == 1 ? "" : ".\(number)"
        var stem = name
        while stem.utf8.count + suffix.utf8.count + room > nameBytesLimit { stem.removeLast() }
        return stem + suffix
    }

    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Writes a new file; false if there is one already.
    static func write(_ text: String, toNew path: String) throws -> Bool {
        let file: OpenFile
        do {
            file = try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o660, for: "written")
        } catch {
            if error.number == EEXIST { return false }
            throw error
        }
        do {
            try file.write(Array(text.utf8))
            try file.synchronize()
        } catch {
            unlink(path)
            throw error
        }
        return true
    }

    // MARK: - Renaming without overwriting

    enum Rename {
        case moved, taken, gone
    }

    static func rename(_ source: String, to target: String) throws -> Rename {
        if renameNoReplace(source, target) == 0 { return .moved }
        switch errno {
        case EEXIST: return .taken
        case ENOENT where !exists(source): return .gone
        case EINVAL, ENOSYS: return try renameOverPlaceholder(source, to: target)
        default: throw IntakeError.system("cannot move \(source) to \(target)")
        }
    }

    /// For file systems without RENAME_NOREPLACE: reserves the name with an empty file, then replaces that.
    private static func renameOverPlaceholder(_ source: String, to target: String) throws -> Rename {
        let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o660)
        guard descriptor >= 0 else {
            if errno == EEXIST { return .taken }
            throw IntakeError.system("cannot move \(source) to \(target)")
        }
        close(descriptor)
        guard Glibc.rename(source, target) == 0 else {
            let error = IntakeError.system("cannot move \(source) to \(target)")
            unlink(target)
            throw error
        }
        return .moved
    }

    private typealias RenameAt2 =
        @convention(c) (CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, CUnsignedInt) -> CInt

    /// The C library has it (glibc 2.28, musl 1.2.4), but Swift's module of it does not show it.
    private static let renameAt2 = dlsym(nil, "renameat2").map { unsafeBitCast($0, to: RenameAt2.self) }
    private static let renameNoReplaceFlag: CUnsignedInt = 1

    private static func renameNoReplace(_ source: String, _ target: String) -> CInt {
        guard let renameAt2 else {
            errno = ENOSYS
            return -1
        }
        return renameAt2(AT_FDCWD, source, AT_FDCWD, target, renameNoReplaceFlag)
    }
}
