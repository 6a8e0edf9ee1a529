import Errors
import Glibc
import Ledger
import Logging
import StateFolder
import Transcript

/// Forgetting, on request.
extension ControlService {
    /// Forgets the meetings, or the person, of a request.
    func forget(_ request: ControlRequest, _ peer: PeerCredentials) async throws -> StateKeeper.Outcome {
        let keeper = try administered(peer)
        let (user, reason) = (Self.name(of: peer.user), request.reason ?? Self.noReason)
        let outcome: StateKeeper.Outcome
        switch (request.meetings ?? [], request.names ?? []) {
        case (let meetings, []) where !meetings.isEmpty:
            outcome = try await keeper.forget(try meetings.map(known), by: user, reason: reason)
        case ([], let names) where !names.isEmpty && names.allSatisfy { !$0.isEmpty }:
            outcome = try await keeper.forget(person: names, by: user, reason: reason)
        default:
            throw ApplicationError(.badRequest, "'forget' needs \"meetings\" or \"names\", and not both")
        }
        Self.log(outcome, logger, userMetadata(peer))
        return outcome
    }

    /// Removes what is older than the configuration allows, or tells what that is.
    func sweep(_ request: ControlRequest, _ peer: PeerCredentials) async throws -> SweepReport {
        if request.dry == true, let keeper {
            return try await keeper.sweep(isDry: true, by: Self.name(of: peer.user))
        }
        let report = try await administered(peer).sweep(by: Self.name(of: peer.user))
        Self.log(report, logger)
        return report
    }

    /// Why something was forgotten, where nobody said it.
    package static let noReason = "asked for"

    /// What the journal has of a sweep: counts, and why something is left.
    package static func log(_ report: SweepReport, _ logger: Logger) {
        if report.count > 0 {
            logger.notice("removed what was kept long enough", metadata: ["count": "\(report.count)"])
        }
        if let trouble = report.trouble {
            logger.error(
                "something could not be removed yet, trying again", metadata: ["error": "\(trouble)"])
        }
    }

    /// What the journal has of an erasure: names of meetings, and of no person.
    package static func log(
        _ outcome: StateKeeper.Outcome, _ logger: Logger, _ metadata: Logger.Metadata = [:]
    ) {
        for erasure in outcome.erasures {
            var metadata = metadata
            metadata["utterances"] = "\(erasure.utteranceCount)"
            metadata["files"] = "\(erasure.fileCount)"
            if erasure.kind != .person, let meeting = erasure.meetings.first {
                metadata["meeting"] = "\(meeting)"
            }
            logger.notice("forgot", metadata: metadata)
        }
        if let trouble = outcome.trouble {
            logger.error(
                "something could not be removed yet, trying again", metadata: ["error": "\(trouble)"])
        }
    }

    private func administered(_ peer: PeerCredentials) throws -> StateKeeper {
        guard peer.isAdministrator() else {
            throw ApplicationError(
                .forbidden, "only root or the daemon's own user may have anything forgotten")
        }
        guard let keeper else {
            throw ApplicationError(.badRequest, "this daemon was started without a state folder of its own")
        }
        return keeper
    }

    private func known(_ name: String) throws -> MeetingID {
        guard let id = try? MeetingID(name) else {
            throw ApplicationError(
                .unknownMeeting, "there is no meeting '\(name.prefix(120))': see minutectl list")
        }
        return id
    }

    /// The name of a user with the number, which stays when the user is gone.
    package static func name(of user: uid_t) -> String {
        // Safety: the entry lives until the next call of getpwuid; its name is copied at once.
        getpwuid(user).map { "\(String(cString: $0.pointee.pw_name)) (\(user))" } ?? "user \(user)"
    }
}
