import Errors
import Foundation
import Ledger
import Logging
import Pipeline
import Transcript

/// Handing finished minutes on: this process only says what is to be done and records what came of it.
extension ControlService {
    /// What is to be handed on and what was given up, and the latest that was delivered.
    func deliveries(_ request: ControlRequest) throws -> [OutboxRecord] {
        let id = try request.meeting.map { _ in try meeting(request).id }
        return try ledger.outbox(of: id, latest: min(max(request.latest ?? Self.latest, 0), Self.mostLatest))
    }

    private static let latest = 100
    /// What fits into an answer.
    private static let mostLatest = 100_000

    /// Has what was given up tried again.
    func resend(_ request: ControlRequest, _ peer: PeerCredentials) throws -> Int {
        let count: Int
        do {
            count = try ledger.resend(request.ids)
        } catch let error as LedgerError where error.code == .unknownDelivery {
            throw ApplicationError(.badRequest, error.message)
        }
        guard count > 0 else { return 0 }
        var metadata = userMetadata(peer)
        metadata["count"] = "\(count)"
        logger.notice("minutes that were not handed on are tried again", metadata: metadata)
        return count
    }

    /// Gives out the next minutes for a target, waiting for them as long as the request says; nil if there are none.
    func claim(_ request: ControlRequest, _ peer: PeerCredentials) async throws -> ControlReply.Claimed? {
        try requireHandingOn(peer)
        guard let target = request.target else {
            throw ApplicationError(.badRequest, "'claim' needs a \"target\"")
        }
        let end = ContinuousClock.now + .seconds(min(max(request.wait ?? 0, 0), Self.longestWait))
        if request.begins == true { try ledger.breakOff(target) }
        while true {
            guard try ledger.outboxTargets().contains(where: { $0.name == target }) else {
                throw ApplicationError(
                    .configuration,
                    "the daemon's configuration has no entry 'delivery.\(target.prefix(40))': add it, and run minutectl "
                        + "reload")
            }
            if let record = try ledger.claim(for: target) { return try await claimed(record) }
            guard ContinuousClock.now < end else { return nil }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private static let longestWait = 60.0

    /// The minutes as the ledger has them now, whatever they were when it was recorded that they are to be handed on.
    private func claimed(_ record: OutboxRecord) async throws -> ControlReply.Claimed? {
        do {
            try await pipeline.writeOutputNow(of: record.meeting)
            // Forgotten just now.
            guard let meeting = try ledger.meeting(record.meeting) else { return nil }
            let paths = [
                output.markdownPath(of: meeting.id), output.jsonPath(of: meeting.id),
                output.htmlPath(of: meeting.id),
            ]
            let files = try paths.map { path in
                (
                    URL(filePath: path).lastPathComponent,
                    try String(contentsOf: URL(filePath: path), encoding: .utf8)
                )
            }
            return ControlReply.Claimed(
                delivery: record, title: meeting.title, changedAt: meeting.changedAt,
                revision: meeting.revision, files: Dictionary(uniqueKeysWithValues: files))
        } catch {
            _ = try settle(record.id, attempt: record.attempts, problem: ErrorText.of(error))
            throw ApplicationError(
                .file, "the minutes of '\(record.meeting)' cannot be read: \(ErrorText.of(error))")
        }
    }

    /// Records what came of an attempt.
    func settle(_ request: ControlRequest, _ peer: PeerCredentials) throws -> OutboxRecord? {
        try requireHandingOn(peer)
        guard let id = request.ids?.first, request.ids?.count == 1, let attempt = request.attempt else {
            throw ApplicationError(.badRequest, "'settle' needs one of \"ids\" and an \"attempt\"")
        }
        return try settle(id, attempt: attempt, problem: request.problem)
    }

    private func settle(_ id: String, attempt: Int, problem: String?) throws -> OutboxRecord? {
        let record = try ledger.settle(
            id, attempt: attempt, problem: problem.map { String($0.prefix(Self.problemLimit)) })
        guard let record else { return nil }
        // What the command said may be a word of the minutes, and does not belong into the journal.
        let metadata: Logger.Metadata = [
            "meeting": "\(record.meeting)", "target": "\(record.target)", "delivery": "\(record.id)",
            "attempt": "\(record.attempts)",
        ]
        switch record.state {
        case .delivered: logger.info("handed minutes on", metadata: metadata)
        case .failed: logger.error("minutes were not handed on", metadata: metadata)
        case .waiting, .running, .replaced:
            logger.info("minutes are to be handed on again", metadata: metadata)
        }
        return record
    }

    private static let problemLimit = 300

    private func requireHandingOn(_ peer: PeerCredentials) throws {
        guard try peer.mayHandOn() else {
            throw ApplicationError(
                .forbidden,
                "only root, the daemon's own user and \(PeerCredentials.handingOnUser) may hand minutes on")
        }
    }
}
