/// Where a connection stands in the lines of a sender that counts them over all its connections.
struct SenderPlace {
    /// The connection's line with this number is the sender's line ``firstLine``.
    private let firstArrival: Int
    private let firstLine: Int
    /// Lines before this one are recorded already.
    private let recordedCount: Int
    /// The sender's line that comes next.
    var next: Int
    /// Lines before this one are recorded, or belong to a batch.
    private var coveredCount: Int

    init(firstArrival: Int, firstLine: Int, recordedCount: Int) {
        (self.firstArrival, self.firstLine, self.recordedCount) = (firstArrival, firstLine, recordedCount)
        (next, coveredCount) = (firstLine, recordedCount)
    }

    /// Which of its sender's lines the connection's line `arrival` is.
    func line(arrival: Int) -> Int { firstLine + arrival - firstArrival }

    func isRecorded(_ line: Int) -> Bool { line < recordedCount }

    /// Gives all lines before ``next`` that no batch has yet to the batch that has `lines`.
    mutating func cover(_ lines: inout Range<Int>?) {
        lines = (lines?.lowerBound ?? coveredCount)..<next
        coveredCount = next
    }
}
