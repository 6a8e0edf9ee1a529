import Errors
import Ledger
import Logging
import Pipeline
import Transcript

/// Making minutes once more, on request.
extension ControlService {
    /// Has the minutes of a meeting made once more, by whoever may read them.
    func redo(_ request: ControlRequest, _ peer: PeerCredentials) async throws -> RedoOutcome {
        let meeting = try meeting(request).id
        try requireReader(peer, of: meeting)
        guard let redo = request.redo else {
            throw ApplicationError(.badRequest, "'redo' needs a \"redo\"")
        }
        if redo.isElsewhere == true { try requireAdministrator(peer) }
        let outcome = try await pipeline.redo(meeting, redo)
        var metadata = userMetadata(peer)
        metadata["meeting"] = "\(meeting)"
        logger.info("minutes are to be made again", metadata: metadata)
        return outcome
    }

    /// Takes a part of minutes that were made by another process, which has read the ledger.
    func takeRedone(_ request: ControlRequest, _ peer: PeerCredentials) async throws -> RedoOutcome {
        try requireAdministrator(peer)
        let meeting = try meeting(request).id
        guard let part = request.redoPart else {
            throw ApplicationError(.badRequest, "'redoPart' needs a \"redoPart\"")
        }
        try await pipeline.take(part, of: meeting)
        if case .whole = part { return .written }
        return .begun
    }

    /// Where the minutes of a meeting are, or an earlier set of them.
    func paths(of meeting: MeetingID, set: Int?) throws -> (markdown: String, json: String) {
        guard let set else { return (output.markdownPath(of: meeting), output.jsonPath(of: meeting)) }
        let numbers = try ledger.earlierMinutes(of: meeting).map(\.number)
        guard numbers.contains(set) else {
            let known = numbers.map(String.init).joined(separator: ", ")
            throw ApplicationError(
                .badRequest,
                "'\(meeting)' has no earlier minutes number \(set): "
                    + (known.isEmpty ? "they were made once" : "there are \(known)"))
        }
        return (output.markdownPath(of: meeting, set: set), output.jsonPath(of: meeting, set: set))
    }

    private func requireAdministrator(_ peer: PeerCredentials) throws {
        guard peer.isAdministrator() else {
            throw ApplicationError(
                .forbidden,
                "only root or the daemon's own user may have minutes made with another model, which reads the ledger"
            )
        }
    }
}
