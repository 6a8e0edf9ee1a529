/// Where a connection stands in the lines of a sender that counts them over all its connections.
struct SenderPlace {
    /// The connection's line with this number is the sender's line ``firstLine``.
    private let firstArrival: Int
    private let firstLine: Int
    /// Lines before this one are recorded already: what they said, or what of it is held back.
    private let recordedCount: Int
    /// The sender's line that comes next.
    var next: Int

    init(firstArrival: Int, firstLine: Int, recordedCount: Int) {
        (self.firstArrival, self.firstLine, self.recordedCount) = (firstArrival, firstLine, recordedCount)
        next = firstLine
    }

    /// Which of its sender's lines the connection's line `arrival` is.
    func line(arrival: Int) -> Int { firstLine + arrival - firstArrival }

    func isRecorded(_ line: Int) -> Bool { line < recordedCount }
}
