import CSystemd
import Glibc

/// A socket that systemd opened for this process (sd_listen_fds(3)).
package struct ListenDescriptor: Sendable, Hashable {
    /// `FileDescriptorName=` of the socket unit; the unit's name if it gives none.
    package var name: String
    /// The open descriptor, close-on-exec; the caller has to close it.
    package var descriptor: Int32

    /// Describes an inherited descriptor.
    package init(name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }
}

/// The sockets handed over by systemd, in the order of the unit; empty when there are none.
///
/// Throws ``ServiceError`` when the environment promises descriptors that are not there.
package func listenDescriptors() throws(ServiceError) -> [ListenDescriptor] {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let count = sd_listen_fds_with_names(0, &names)
    guard count >= 0 else {
        throw ServiceError(
            .badDescriptors,
            "the sockets that systemd announced are not usable (LISTEN_FDS): "
                + String(cString: strerror(-count)))
    }
    defer { freeNames(names) }
    return (0..<Int(count)).map { index in
        ListenDescriptor(
            name: names?[index].map { String(cString: $0) } ?? "unknown",
            descriptor: SD_LISTEN_FDS_START + Int32(index))
    }
}

/// Frees a NULL-terminated array of allocated strings.
private func freeNames(_ names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
    guard let names else { return }
    var index = 0
    while let name = names[index] {
        free(name)
        index += 1
    }
    free(names)
}

/// An error of this module; `message` says what is wrong and what to do.
package struct ServiceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of error, for programs.
    package enum Code: String, Sendable {
        case badDescriptors
    }

    /// For programs.
    package let code: Code
    /// For people.
    package let message: String

    /// Creates an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
