import Files
import Glibc

/// Tokenizer models have 1 to 5 MB; a file far larger than that is something else.
private let modelFileByteLimit = 1 << 26

/// Reads a whole tokenizer model.
///
/// Throws `unreadable` if it is not a regular file of reasonable size or cannot be read.
func readModelFile(_ path: String) throws(TokenizerError) -> [UInt8] {
    do {
        let file = try OpenFile(path, O_RDONLY, for: "read")
        let status = try file.status()
        if status.st_mode & S_IFMT == S_IFREG, status.st_size <= modelFileByteLimit {
            // If the file has become shorter, the parser will notice what is missing.
            return try file.read(Int(status.st_size))
        }
    } catch {
        throw TokenizerError(.unreadable, "\(error)")
    }
    throw TokenizerError(
        .unreadable, "\(path) is not a file of at most \(modelFileByteLimit >> 20) MB: name a tokenizer.model"
    )
}
