import Glibc

/// Model files have 1 to 5 MB; far beyond that is not one.
private let modelFileByteLimit = 1 << 26

/// The bytes of a regular file.
///
/// Throws `unreadable`.
func readModelFile(_ path: String) throws(TokenizerError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= modelFileByteLimit else {
        throw TokenizerError(
            .unreadable,
            "\(path) is no file of at most \(modelFileByteLimit >> 20) MB: name a tokenizer.model")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
        let count = bytes.withUnsafeMutableBytes {
            read(descriptor, $0.baseAddress! + filled, $0.count - filled)
        }
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw unreadable(path, errno) }
        if count == 0 { break }  // the file shrank; what is missing shows when it is taken apart
        filled += count
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
}

private func unreadable(_ path: String, _ number: Int32) -> TokenizerError {
    TokenizerError(.unreadable, "cannot read \(path): \(String(cString: strerror(number)))")
}
