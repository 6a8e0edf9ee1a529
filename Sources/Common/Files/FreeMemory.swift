import Glibc

/// The memory that the C library keeps when a program has freed it.
package enum FreeMemory {
    /// Gives it back to the system; for use after something large, which leaves much of it.
    package static func giveBack() {
        // Ignored: whether there was any.
        _ = trim?(0)
    }

    private typealias Trim = @convention(c) (Int) -> CInt

    /// In glibc, though Swift's module does not show it; other C libraries may lack it.
    private static let trim = dlsym(nil, "malloc_trim").map { unsafeBitCast($0, to: Trim.self) }
}
