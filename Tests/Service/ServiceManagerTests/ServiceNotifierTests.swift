import Glibc
import ServiceManager
import Testing

/// The real sd_notify(3) reads the environment, which a test must not change: each runs in a child process.
@Suite struct ServiceNotifierTests {
    @Test func everyMessageArrivesAsSystemdSpellsIt() async throws {
        let socket = try NotifySocket()
        await #expect(processExitsWith: .success) { [path = socket.path as String] in
            setenv("NOTIFY_SOCKET", path, 1)
            let notifier = ServiceNotifier()
            let sent = [
                notifier.extendTimeout(by: .milliseconds(1500)),
                notifier.status("loading\nmodel"),
                notifier.ready(status: "2 meetings"),
                notifier.watchdog(),
                notifier.reloading(),
                notifier.stopping(),
            ]
            exit(sent.allSatisfy { $0 } ? 0 : 1)
        }
        let messages = socket.received()
        #expect(messages.count == 6)
        #expect(messages.first == "EXTEND_TIMEOUT_USEC=1500000")
        #expect(messages.dropFirst().first == "STATUS=loading model")
        #expect(messages.dropFirst(2).first == "READY=1\nSTATUS=2 meetings")
        #expect(messages.dropFirst(3).first == "WATCHDOG=1")
        #expect(messages.dropFirst(4).first?.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") == true)
        #expect(messages.last == "STOPPING=1")
    }

    @Test func withoutSystemdNothingIsSent() async {
        await #expect(processExitsWith: .success) {
            unsetenv("NOTIFY_SOCKET")
            unsetenv("WATCHDOG_USEC")
            let notifier = ServiceNotifier()
            exit(notifier.ready() || notifier.stopping() || notifier.watchdogInterval != nil ? 1 : 0)
        }
    }

    @Test func watchdogIntervalIsRead() async {
        await #expect(processExitsWith: .success) {
            setenv("WATCHDOG_USEC", "2500000", 1)
            unsetenv("WATCHDOG_PID")
            exit(ServiceNotifier().watchdogInterval == .milliseconds(2500) ? 0 : 1)
        }
    }

    @Test func inheritedDescriptorsHaveTheirNames() async {
        await #expect(processExitsWith: .success) {
            // Whatever descriptor 3 is in this process, it has to be open to be announced.
            while open("/dev/null", O_RDONLY | O_CLOEXEC) < 4 {}
            setenv("LISTEN_PID", "\(getpid())", 1)
            setenv("LISTEN_FDS", "2", 1)
            setenv("LISTEN_FDNAMES", "ingest:control", 1)
            let found = try? listenDescriptors()
            let wanted = [
                ListenDescriptor(name: "ingest", descriptor: 3),
                ListenDescriptor(name: "control", descriptor: 4),
            ]
            exit(found == wanted ? 0 : 1)
        }
    }

    @Test func descriptorsOfAnotherProcessAreNotOurs() async {
        await #expect(processExitsWith: .success) {
            setenv("LISTEN_PID", "1", 1)
            setenv("LISTEN_FDS", "1", 1)
            exit((try? listenDescriptors()) == [] ? 0 : 1)
        }
    }

    @Test func announcedDescriptorsThatAreClosedAreRefused() async {
        await #expect(processExitsWith: .success) {
            setenv("LISTEN_PID", "\(getpid())", 1)
            setenv("LISTEN_FDS", "900", 1)
            do {
                _ = try listenDescriptors()
                exit(1)
            } catch {
                exit((error as? ServiceError)?.code == .badDescriptors ? 0 : 1)
            }
        }
    }
}

/// A datagram socket as systemd would hold it.
private final class NotifySocket {
    let path: String
    private let folder: String
    private let descriptor: Int32

    init() throws {
        var template = Array("/tmp/minuted-notify-XXXXXX".utf8CString)
        folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        path = folder + "/notify"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0)
    }

    /// All that is waiting: the sender has exited, so nothing more comes.
    func received() -> [String] {
        var messages: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count >= 0 {
            messages.append(String(decoding: buffer.prefix(count), as: UTF8.self))
        }
        return messages
    }

    deinit {
        close(descriptor)
        unlink(path)
        rmdir(folder)
    }
}
