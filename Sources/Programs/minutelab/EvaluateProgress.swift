import Foundation

/// How far answering is, on standard error.
struct EvaluateProgress {
    private let title: String
    private let count: Int
    private let known: Int
    private var done: Int
    private let begin = ContinuousClock.now
    private var shown: ContinuousClock.Instant?
    private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1

    init(title: String, count: Int, known: Int) {
        self.title = title
        self.count = count
        self.known = known
        done = known
        if known > 0 { report("\(title): \(known) of \(count) answers were there already") }
    }

    mutating func step() {
        done += 1
        // A log wants fewer lines than a terminal can show.
        let pause: Duration = isTerminal ? .milliseconds(200) : .seconds(30)
        guard done == count || shown.map({ .now - $0 >= pause }) ?? true else { return }
        shown = .now
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        let each = seconds / Double(max(1, done - known))
        let line = String(
            format: "%@: %d of %d, %.2f s each, %@ left", title, done, count, each,
            Self.clock(each * Double(count - done)))
        if isTerminal {
            FileHandle.standardError.write(Data("\r\(line)\u{1B}[K".utf8))
        } else {
            report(line)
        }
    }

    func end() {
        if isTerminal, shown != nil { report("") }
    }

    private static func clock(_ seconds: Double) -> String {
        seconds < 90 ? String(format: "%.0f s", seconds) : String(format: "%.0f min", seconds / 60)
    }
}
