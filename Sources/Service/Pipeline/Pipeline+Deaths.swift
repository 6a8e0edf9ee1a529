import Language
import Ledger
import Logging
import Transcript

/// What the process died of is not tried for ever.
extension Pipeline {
    /// What follows from the death of the process before this one, to be called before anything is begun; returns the
    /// meetings that were worked at.
    ///
    /// A window that was summarised has failed once more. Everything else is counted, and given up by whoever is to take
    /// it up again: files and lines by the intake, a meeting's text and its summary of the whole by the pipeline.
    package static func settle(
        _ death: AtHand.Death, ledger: Ledger, attempts: Int, logger: Logger
    ) throws -> Set<MeetingID> {
        logger.critical(
            "the daemon before this one died of a fault",
            metadata: [
                "signal": "\(death.signal)", "works": "\(death.works.map(\.key).joined(separator: ", "))",
            ])
        try ledger.countDeath(of: death.works)
        for case .window(let meeting, let number) in death.works where try ledger.meeting(meeting) != nil {
            guard let record = try ledger.windows(of: meeting).first(where: { $0.window.index == number }),
                record.state == .closed
            else { continue }
            try ledger.recordFailure(
                window: number, of: meeting,
                reason: Note(.diedOnce, .text("\(death.signal)")),
                givingUp: record.attempts + 1 >= attempts)
        }
        return Set(death.works.compactMap(\.meeting))
    }

    /// Whether the process died too often of what came of this meeting; then it is held, and its minutes say so.
    func isDeadly(_ record: MeetingRecord) throws -> Bool {
        guard let reason = try reasonToGiveUp(.input(record.id)) else { return false }
        hold.meetings.insert(record.id)
        try ledger.note(Note(.workStopped, .note(reason), .text(record.id.name)), of: record.id)
        logger.error(
            "a meeting is held, since the daemon died of it", metadata: ["meeting": "\(record.id)"])
        return true
    }

    /// Why a piece of work is not tried again; nil if it is.
    func reasonToGiveUp(_ work: AtHand.Work) throws -> Note? {
        guard atHand != nil else { return nil }
        let deaths = try ledger.deathCount(of: work)
        return deaths < policy.attempts ? nil : Note(.diedOften, .number(deaths))
    }

    /// What a meeting's text was the death of counts no longer.
    func forgetDeaths(of meeting: MeetingID) throws {
        guard atHand != nil else { return }
        let works: [AtHand.Work] = [.input(meeting), .whole(meeting)]
        if try works.contains(where: { try ledger.deathCount(of: $0) > 0 }) {
            try ledger.forgetDeaths(of: works)
        }
    }
}
