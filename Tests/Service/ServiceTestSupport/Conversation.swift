import Control
import Foundation
import Glibc

/// Sends `text` to the Unix socket at `path`, closes the sending side, and reads until the other side closes.
package func answers(_ text: String, from path: String) async -> String {
    await withCheckedContinuation { continuation in
        // A thread of its own, because it blocks.
        Thread.detachNewThread { continuation.resume(returning: talk(text, to: path)) }
    }
}

private func talk(_ text: String, to path: String) -> String {
    guard let descriptor = unixConnection(to: path) else { return "cannot connect to \(path)" }
    defer { close(descriptor) }
    _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
    shutdown(descriptor, Int32(SHUT_WR))
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 {
        answer += buffer.prefix(count)
    }
    return String(decoding: answer, as: UTF8.self)
}
