import Foundation
import Glibc

/// A network file system: other machines write to it, and inotify does not report what they do.
struct RemoteFileSystem: Equatable {
    /// The name of the file system's type, for people.
    let name: String

    /// The file system that `path` is on; nil if it is a local one, or cannot be told.
    init?(of path: String) {
        guard let statfs = Self.statfs else { return nil }
        // `struct statfs` begins with the type, a long, and has 120 bytes or less.
        var status = [Int](repeating: 0, count: 64)
        guard statfs(path, &status) == 0 else { return nil }
        self.init(type: status[0])
    }

    /// Goes by the numbers of statfs(2); nil for a local one.
    init?(type: Int) {
        guard let name = Self.names[UInt32(truncatingIfNeeded: type)] else { return nil }
        self.name = name
    }

    private typealias Statfs = @convention(c) (UnsafePointer<CChar>, UnsafeMutableRawPointer) -> CInt

    /// The C library has it, but Swift's module of it does not show it.
    private static let statfs = dlsym(nil, "statfs").map { unsafeBitCast($0, to: Statfs.self) }

    private static let names: [UInt32: String] = [
        0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "SMB", 0xFE53_4D42: "SMB", 0x6573_5546: "FUSE",
        0x0102_1997: "9P", 0x00C3_6400: "Ceph", 0x5346_414F: "AFS", 0x0BD0_0BD0: "Lustre",
    ]
}
