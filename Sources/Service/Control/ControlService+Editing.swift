import Errors
import Ledger
import Logging
import StateFolder
import Transcript

/// Putting minutes right, on request.
extension ControlService {
    /// Has something put right in the minutes of a meeting, by whoever may read them.
    func edit(_ request: ControlRequest, _ peer: PeerCredentials) async throws -> StateKeeper.Edited {
        let meeting = try meeting(request).id
        try requireReader(peer, of: meeting)
        guard let edit = request.edit else {
            throw ApplicationError(.badRequest, "'edit' needs an \"edit\"")
        }
        guard let keeper else {
            throw ApplicationError(.badRequest, "this daemon was started without a state folder of its own")
        }
        let edited = try await keeper.edit(meeting, edit)
        var metadata = userMetadata(peer)
        metadata["meeting"] = "\(meeting)"
        logger.notice("minutes were put right by hand", metadata: metadata)
        return edited
    }
}
