import Language
import Ledger
import Logging
import Transcript

/// Gives up work that has crashed the process too often.
extension Pipeline {
    /// Records the crash of the previous process, before any work begins; returns the meetings that were worked on.
    ///
    /// If a window was being summarised, that counts as a failed attempt. Crashes during other work are counted, and the
    /// component that would do the work again gives it up: the intake for files and lines, the pipeline for the text of a
    /// meeting and for the summary of the whole.
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

    /// Whether the input of this meeting has crashed the process too often; then the meeting is held, and its minutes say
    /// so.
    func isDeadly(_ record: MeetingRecord) throws -> Bool {
        guard let reason = try reasonToGiveUp(.input(record.id)) else { return false }
        hold.meetings.insert(record.id)
        try ledger.note(Note(.workStopped, .note(reason), .text(record.id.name)), of: record.id)
        logger.error(
            "a meeting is held, since the daemon died of it", metadata: ["meeting": "\(record.id)"])
        return true
    }

    /// Why a piece of work is given up; nil if it is to be tried again.
    func reasonToGiveUp(_ work: AtHand.Work) throws -> Note? {
        guard atHand != nil else { return nil }
        let deaths = try ledger.deathCount(of: work)
        return deaths < policy.attempts ? nil : Note(.diedOften, .number(deaths))
    }

    /// Resets the count of crashes during work on a meeting.
    func forgetDeaths(of meeting: MeetingID) throws {
        guard atHand != nil else { return }
        let works: [AtHand.Work] = [.input(meeting), .whole(meeting)]
        if try works.contains(where: { try ledger.deathCount(of: $0) > 0 }) {
            try ledger.forgetDeaths(of: works)
        }
    }
}
