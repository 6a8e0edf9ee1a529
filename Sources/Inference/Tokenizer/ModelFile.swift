import Glibc

/// Tokenizer models have 1 to 5 MB; a file far larger than that is something else.
private let modelFileByteLimit = 1 << 26

/// Reads a whole tokenizer model.
///
/// Throws `unreadable` if it is not a regular file of reasonable size or cannot be read.
func readModelFile(_ path: String) throws(TokenizerError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= modelFileByteLimit else {
        throw TokenizerError(
            .unreadable,
            "\(path) is not a file of at most \(modelFileByteLimit >> 20) MB: name a tokenizer.model")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
        let count = bytes.withUnsafeMutableBytes {
            read(descriptor, $0.baseAddress! + filled, $0.count - filled)
        }
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw unreadable(path, errno) }
        if count == 0 { break }  // the file shrank meanwhile; the parser will notice what is missing
        filled += count
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
}

private func unreadable(_ path: String, _ number: Int32) -> TokenizerError {
    TokenizerError(.unreadable, "cannot read \(path): \(String(cString: strerror(number)))")
}
