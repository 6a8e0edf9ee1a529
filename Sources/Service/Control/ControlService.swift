import Errors
import Foundation
import Ledger
import Logging
import Pipeline
import Settings
import StateFolder
import Summaries
import Transcript

/// Reads the configuration again on request.
package protocol Reloading: Sendable {
    /// Applies what can be changed while the daemon runs; throws ``ApplicationError``, and changes nothing, if the
    /// configuration has an error.
    func reload() async throws -> ControlReply.Reloaded
}

/// Answers control requests; independent of sockets.
package struct ControlService: Sendable {
    let ledger: Ledger
    let pipeline: Pipeline
    let output: OutputFolder
    private let settings: Settings
    private let profile: ModelProfile
    private let reload: (any Reloading)?
    let keeper: StateKeeper?
    let questions = OpenQuestions()
    let logger: Logger
    private let startedAt: Date

    /// Answers with the state of these parts of a daemon.
    package init(
        ledger: Ledger, pipeline: Pipeline, output: OutputFolder, settings: Settings, profile: ModelProfile,
        reload: (any Reloading)? = nil, keeper: StateKeeper? = nil,
        logger: Logger = Logger(label: "control"), startedAt: Date = .now
    ) {
        self.keeper = keeper
        self.reload = reload
        self.logger = logger
        self.ledger = ledger
        self.pipeline = pipeline
        self.output = output
        self.settings = settings
        self.profile = profile
        self.startedAt = startedAt
    }

    /// Answers a request line of `peer`; `send` is called with each line of the answer.
    ///
    /// Throws only what `send` throws: a request that is refused gets an error as its answer.
    func answer(_ line: String, of peer: PeerCredentials, send: (String) async throws -> Void) async throws {
        do {
            let request = try parse(line)
            guard let command = ControlRequest.Command(rawValue: request.command) else {
                let known = ControlRequest.Command.allCases.map(\.rawValue).joined(separator: ", ")
                throw ApplicationError(
                    .badRequest, "unknown command '\(request.command)': use one of \(known)")
            }
            if command == .watch {
                try peer.require(command)
                return try await watch(request, peer, send: send)
            }
            if command == .ask {
                try peer.require(command)
                return try await questions.counting { try await answerQuestion(request, peer, send: send) }
            }
            try await send(ControlCoding.line(try await reply(to: request, command, peer)))
        } catch let error as SendingFailed {
            throw error
        } catch {
            try await send(ControlCoding.line(ControlReply(refusing: error)))
        }
    }

    /// The client has gone away.
    struct SendingFailed: Error {}

    private func parse(_ line: String) throws -> ControlRequest {
        let request: ControlRequest
        do {
            request = try ControlCoding.value(ControlRequest.self, line)
        } catch {
            throw ApplicationError(
                .badRequest, #"not a request: one line such as {"version":1,"command":"status"} is expected"#)
        }
        guard request.version == ControlRequest.version else {
            throw ApplicationError(
                .badRequest,
                "the request is of version \(request.version), this daemon speaks version "
                    + "\(ControlRequest.version): install minuted and minutectl of the same release")
        }
        return request
    }

    private func reply(
        to request: ControlRequest, _ command: ControlRequest.Command, _ peer: PeerCredentials
    ) async throws -> ControlReply {
        var reply = ControlReply()
        try peer.require(command)
        switch command {
        case .status: reply.status = try await status()
        case .list:
            let meetings = try ledger.meetings(
                latest: request.latest, after: request.after.map { try MeetingID($0) }, limit: request.limit)
            let omitted = request.latest == nil ? 0 : try ledger.meetingCount() - meetings.count
            (reply.meetings, reply.omitted) = (meetings, omitted > 0 ? omitted : nil)
        case .show: reply.shown = try show(try meeting(request), set: request.set, peer)
        case .end:
            let id = try meeting(request).id
            reply.ended =
                if request.now == true {
                    try await pipeline.endNow(id)
                } else {
                    try await pipeline.end(id)
                }
        case .pause, .resume: reply.paused = try await hold(request, command, peer)
        case .retry: reply.retried = try await retry(try meeting(request).id, peer)
        case .reload: reply.reloaded = try await reloadConfiguration(peer)
        case .forget: reply.forgotten = try await forget(request, peer)
        case .sweep: reply.swept = try await sweep(request, peer)
        case .edit: reply.edited = try await edit(request, peer)
        case .redo: reply.redone = try await redo(request, peer)
        case .redoPart: reply.redone = try await takeRedone(request, peer)
        case .erasures: reply.erasures = try ledger.erasures()
        case .search: reply.found = try search(request, peer)
        case .metrics:
            reply.metrics = try await ServiceMetrics(
                ledger: ledger, settings: settings, pipeline: pipeline, startedAt: startedAt
            ).text()
        case .deliveries: reply.deliveries = try deliveries(request)
        case .resend: reply.resent = try resend(request, peer)
        case .claim: reply.claimed = try await claim(request, peer)
        case .settle: reply.settled = try settle(request, peer)
        case .ask, .watch: preconditionFailure("answered elsewhere")
        }
        return reply
    }

    private func hold(
        _ request: ControlRequest, _ command: ControlRequest.Command, _ peer: PeerCredentials
    ) async throws -> Bool {
        let id = try request.meeting.map { _ in try meeting(request).id }
        var metadata = userMetadata(peer)
        metadata["meeting"] = id.map { "\($0)" }
        if command == .pause {
            await pipeline.pause(id)
            logger.notice("paused", metadata: metadata)
            return true
        }
        await pipeline.resume(id)
        logger.notice("resumed", metadata: metadata)
        return await pipeline.isPaused
    }

    private func retry(_ meeting: MeetingID, _ peer: PeerCredentials) async throws -> ControlReply.Retried {
        let windows = try await pipeline.retry(meeting)
        guard let windows else { return ControlReply.Retried(isAnything: false, windowCount: 0) }
        var metadata = userMetadata(peer)
        metadata["meeting"] = "\(meeting)"
        metadata["windows"] = "\(windows)"
        logger.notice("tries again what was given up", metadata: metadata)
        return ControlReply.Retried(isAnything: true, windowCount: windows)
    }

    private func reloadConfiguration(_ peer: PeerCredentials) async throws -> ControlReply.Reloaded {
        guard peer.isAdministrator() else {
            throw ApplicationError(
                .forbidden, "only root or the daemon's own user may have the configuration reloaded")
        }
        guard let reload else {
            throw ApplicationError(.badRequest, "this daemon was started without a configuration to reload")
        }
        return try await reload.reload()
    }

    func userMetadata(_ peer: PeerCredentials) -> Logger.Metadata {
        ["userID": "\(peer.user)", "peer": "\(peer.process)"]
    }

    func meeting(_ request: ControlRequest) throws -> MeetingRecord {
        guard let name = request.meeting else {
            throw ApplicationError(.badRequest, "'\(request.command)' needs a \"meeting\"")
        }
        guard let id = try? MeetingID(name), let record = try ledger.meeting(id) else {
            throw ApplicationError(
                .unknownMeeting, "there is no meeting '\(name.prefix(120))': see minutectl list")
        }
        return record
    }

    private func status() async throws -> ControlReply.Status {
        let load = try ledger.load()
        let outbox = try ledger.outboxLoad()
        return ControlReply.Status(
            process: ProcessInfo.processInfo.processIdentifier, startedAt: startedAt, model: profile.name,
            contextLength: profile.contextLength, incomingFolder: settings.folders.spool + "/incoming",
            ingestSocket: settings.sockets.ingest, outputFolder: output.path, openMeetings: load.openMeetings,
            endedMeetings: load.endedMeetings,
            finishedMeetings: try ledger.meetingCount() - load.openMeetings - load.endedMeetings,
            waitingWindows: load.waitingWindows,
            activity: await pipeline.activity, savedCaches: await pipeline.model.savedTimelines(),
            paused: await pipeline.isPaused ? true : nil,
            pausedMeetings: await pipeline.heldMeetings.isEmpty ? nil : await pipeline.heldMeetings,
            tokensPerSecond: await pipeline.tokensPerSecond,
            outbox: outbox.targets + outbox.waiting + outbox.failed > 0 ? outbox : nil)
    }

    var readers: MinutesReaders { output.readers ?? .nobodyElse }

    /// Refuses whoever may not read the minutes of a meeting.
    func requireReader(_ peer: PeerCredentials, of meeting: MeetingID) throws {
        guard peer.mayRead(meeting, readers) else {
            throw ApplicationError(
                .forbidden,
                "you may not read the minutes of '\(meeting)': root may, and the group that output.group of the "
                    + "daemon's configuration names for such meetings")
        }
    }

    private func show(
        _ meeting: MeetingRecord, set: Int?, _ peer: PeerCredentials
    ) throws -> ControlReply.Shown {
        try requireReader(peer, of: meeting.id)
        let (markdown, json) = try paths(of: meeting.id, set: set)
        return ControlReply.Shown(
            meeting: meeting, markdownPath: markdown, jsonPath: json,
            // Ignored: minutes that are not written yet are shown as absent.
            markdown: try? String(contentsOfFile: markdown, encoding: .utf8),
            json: try? String(contentsOfFile: json, encoding: .utf8))
    }

    /// Sends events until the client is gone or this task is cancelled; without texts of minutes that it may not read.
    private func watch(
        _ request: ControlRequest, _ peer: PeerCredentials, send: (String) async throws -> Void
    ) async throws {
        // The subscription comes before the state, so that no event is missed in between.
        let record = try request.meeting.map { _ in try meeting(request) }
        let events = pipeline.progress.events(of: record?.id)
        var first = ControlReply()
        first.watched = try record.flatMap { try ledger.meeting($0.id) }
        try await send(ControlCoding.line(first))
        for await var event in events {
            if event.isWritten, !peer.mayRead(event.meeting, readers) {
                if event.kind == .text { continue }
                event.text = nil
            }
            var reply = ControlReply()
            reply.event = event
            try await send(ControlCoding.line(reply))
        }
    }
}
