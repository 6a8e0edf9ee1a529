import Foundation
import GRDB
import Transcript

/// What is to be handed on: recorded together with what makes it due, and kept until somebody has confirmed it.
///
/// Each is handed on at least once; that it may come twice, the receiver tells by its ``OutboxRecord/id``.
extension Ledger {
    /// Takes over the entries of the configuration.
    ///
    /// What waits for an entry that is there no more is given up, and says so.
    package func adopt(_ targets: [OutboxTarget], at time: Date = Date()) throws {
        // Nothing has to be written at most starts, when the disk may be full.
        guard try outboxTargets() != targets.sorted(by: { $0.name < $1.name }) else { return }
        try writeQuietly { db in
            try db.execute(sql: "DELETE FROM outboxTarget")
            for target in targets {
                try db.execute(
                    sql: """
                        INSERT INTO outboxTarget (name, kinds, attempts, retrySeconds, timeoutSeconds)
                        VALUES (?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        target.name, try Self.json(target.kinds), target.attempts, target.retrySeconds,
                        target.timeoutSeconds,
                    ])
            }
            try db.execute(
                sql: """
                    UPDATE outbox SET state = 'failed', settledAt = ?, problem = ?
                    WHERE settledAt IS NULL AND target NOT IN (SELECT name FROM outboxTarget)
                    """,
                arguments: [
                    time.timeIntervalSince1970, "the configuration has no entry of this name any more",
                ])
        }
    }

    /// The entries of the configuration that was read last, by name.
    package func outboxTargets() throws -> [OutboxTarget] {
        try read { try Self.targets($0) }
    }

    private static func targets(_ db: Database) throws -> [OutboxTarget] {
        try Row.fetchAll(db, sql: "SELECT * FROM outboxTarget ORDER BY name").map { row in
            OutboxTarget(
                name: row["name"], kinds: value(row["kinds"], as: [String].self) ?? [],
                attempts: row["attempts"], retrySeconds: row["retrySeconds"],
                timeoutSeconds: row["timeoutSeconds"])
        }
    }

    /// Records that the minutes of `meeting`, which is finished, are to be handed on; to be called in the transaction that
    /// finishes or changes them.
    ///
    /// One that was not tried yet has the change in it anyway. One that was tried is replaced: its receiver may have it,
    /// and would take the same identifier for the same minutes. After a correction it rests for a while, since another one
    /// may follow: what is handed on is what the ledger has when it is claimed.
    static func handOn(
        _ meeting: MeetingRow, isCorrection: Bool = false, at time: Date, _ db: Database
    ) throws {
        let now = time.timeIntervalSince1970
        let dueAt = isCorrection ? now + correctionRest : now
        for target in try targets(db) where target.takes(meeting.id) {
            func exists(_ condition: String) throws -> Bool {
                try Bool.fetchOne(
                    db,
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM outbox WHERE meeting = ? AND target = ? AND \(condition))
                        """, arguments: [meeting.key, target.name]) ?? false
            }
            if try exists("state = 'waiting' AND attempts = 0") {
                // Minutes that nobody has yet do not wait for those who put them right.
                try db.execute(
                    sql: isCorrection
                        ? """
                        UPDATE outbox SET dueAt = MIN(?3, createdAt + ?4) WHERE meeting = ?1 AND target = ?2
                            AND state = 'waiting' AND attempts = 0 AND reason = 'changed'
                        """
                        : """
                        UPDATE outbox SET dueAt = MIN(dueAt, ?3) WHERE meeting = ?1 AND target = ?2
                            AND state = 'waiting' AND attempts = 0 AND ?4
                        """, arguments: [meeting.key, target.name, dueAt, longestCorrectionRest])
                continue
            }
            let isKnown = try exists("TRUE")
            // Minutes that were finished before an entry was there are not handed on by it when they are put right.
            guard isKnown || !isCorrection else { continue }
            let reason: OutboxRecord.Reason = isKnown ? .changed : .finished
            try db.execute(
                sql: """
                    UPDATE outbox SET state = 'replaced', settledAt = ?
                    WHERE meeting = ? AND target = ? AND state IN ('waiting', 'failed')
                    """,
                arguments: [now, meeting.key, target.name])
            try db.execute(
                sql: """
                    INSERT INTO outbox (key, meeting, target, reason, createdAt, dueAt)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    UUID().uuidString.lowercased(), meeting.key, target.name, reason.rawValue, now, dueAt,
                ])
        }
    }

    /// Records that minutes which somebody has put right are to be handed on again, if they are finished.
    static func handOnCorrected(_ meeting: MeetingRow, at time: Date, _ db: Database) throws {
        guard meeting.state == .finished else { return }
        try handOn(meeting, isCorrection: true, at: time, db)
    }

    /// How many seconds corrected minutes rest after each correction, and at most: who puts something right often goes on.
    static let (correctionRest, longestCorrectionRest) = (60.0, 600.0)

    /// Begins an attempt at what is due for `target`; nil if nothing is.
    ///
    /// If nobody reports what came of it (``settle(_:attempt:problem:at:spread:)``), it is due again when the time of the
    /// attempt is over, and that attempt does not count: perhaps no command ran. Minutes that are not finished at the
    /// moment wait until they are.
    package func claim(for target: String, at time: Date = Date()) throws -> OutboxRecord? {
        // Whoever asks does so every second, and most often in vain.
        guard try read({ try Self.due(for: target, at: time, $0) }) != nil else { return nil }
        return try writeQuietly { db in
            guard let key = try Self.due(for: target, at: time, db),
                let patience = try Self.targets(db).first(where: { $0.name == target })
            else { return nil }
            try db.execute(
                sql: """
                    UPDATE outbox SET state = 'running', earlierAttempts = earlierAttempts + (state = 'running'),
                        attempts = attempts + 1, dueAt = ?
                    WHERE key = ?
                    """,
                arguments: [
                    time.timeIntervalSince1970 + patience.timeoutSeconds + Self.claimReserve, key,
                ])
            return try Self.outbox(where: "outbox.key = ?", [key], db).first
        }
    }

    /// Has what is under way for `target` tried again at once: whoever hands on has just begun, so nobody else is at it.
    ///
    /// The attempts that are broken off do not count.
    package func breakOff(_ target: String, at time: Date = Date()) throws {
        try writeQuietly { db in
            try db.execute(
                sql: """
                    UPDATE outbox SET state = 'waiting', earlierAttempts = earlierAttempts + 1, dueAt = ?
                    WHERE target = ? AND state = 'running'
                    """,
                arguments: [time.timeIntervalSince1970, target])
        }
    }

    /// How long, in seconds, whoever hands something on may take beyond the time of the command.
    private static let claimReserve = 60.0
    /// Nothing legitimate is due later, in seconds from now: the clock was wrong when that was recorded.
    private static let farthest = 3 * OutboxTarget.longestWait

    private static func due(for target: String, at time: Date, _ db: Database) throws -> String? {
        let now = time.timeIntervalSince1970
        return try String.fetchOne(
            db,
            sql: """
                SELECT key FROM outbox JOIN meeting ON meeting.id = outbox.meeting
                WHERE target = ? AND settledAt IS NULL AND (dueAt <= ? OR dueAt > ?)
                    AND meeting.state = 'finished' AND target IN (SELECT name FROM outboxTarget)
                ORDER BY dueAt, outbox.id LIMIT 1
                """,
            arguments: [target, now, now + farthest])
    }

    /// Records what came of an attempt: `problem` is nil if it was delivered; the record as it is then, nil if the meeting
    /// was forgotten meanwhile.
    ///
    /// What failed is tried again after a while, and given up after the last attempt. A failure is not recorded if another
    /// attempt has begun since.
    package func settle(
        _ id: String, attempt: Int, problem: String?, at time: Date = Date(),
        spread: Double = .random(in: 0.75...1.25)
    ) throws -> OutboxRecord? {
        try writeQuietly { db in
            guard let record = try Self.outbox(where: "outbox.key = ?", [id], db).first else { return nil }
            if let problem {
                guard record.state == .running, record.attempts == attempt else { return record }
                let target =
                    try Self.targets(db).first { $0.name == record.target }
                    ?? OutboxTarget(name: record.target)
                try Self.fail(record, target, problem, at: time, spread: spread, db)
            } else if record.state != .delivered {
                try db.execute(
                    sql: "UPDATE outbox SET state = 'delivered', settledAt = ?, problem = NULL WHERE key = ?",
                    arguments: [time.timeIntervalSince1970, id])
            }
            return try Self.outbox(where: "outbox.key = ?", [id], db).first
        }
    }

    private static func fail(
        _ record: OutboxRecord, _ target: OutboxTarget, _ problem: String, at time: Date, spread: Double,
        _ db: Database
    ) throws {
        let isReplaced =
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM outbox AS later JOIN outbox AS own ON own.key = ?
                        WHERE later.meeting = own.meeting AND later.target = own.target AND later.id > own.id)
                    """, arguments: [record.id]) ?? false
        let state: OutboxRecord.State =
            isReplaced ? .replaced : record.attemptsOfRound >= target.attempts ? .failed : .waiting
        let now = time.timeIntervalSince1970
        try db.execute(
            sql: "UPDATE outbox SET state = ?, settledAt = ?, dueAt = ?, problem = ? WHERE key = ?",
            arguments: [
                state.rawValue, state == .waiting ? nil : now,
                now + target.wait(after: record.attemptsOfRound, spread: spread), problem, record.id,
            ])
    }

    /// Has what was given up tried again, and what waits tried at once: all that was given up, or those named; returns
    /// how many these are.
    ///
    /// Refuses an identifier that is not known, or is delivered, replaced or under way, and then changes nothing.
    package func resend(_ ids: [String]? = nil, at time: Date = Date()) throws -> Int {
        try writeQuietly { db in
            for id in ids ?? [] {
                let record = try Self.outbox(where: "outbox.key = ?", [id], db).first
                guard let record, [.waiting, .failed].contains(record.state) else {
                    throw LedgerError(
                        .unknownDelivery,
                        "nothing called \(id) waits or was given up"
                            + (record.map { ": it is \($0.state.rawValue)" } ?? "")
                            + "; see minutectl deliveries")
                }
                guard try Self.targets(db).contains(where: { $0.name == record.target }) else {
                    throw LedgerError(
                        .unknownDelivery,
                        "\(id) cannot be tried: the configuration has no entry 'delivery.\(record.target)'")
                }
            }
            let failed = """
                SELECT key FROM outbox WHERE state = 'failed' AND target IN (SELECT name FROM outboxTarget)
                """
            let chosen = try ids ?? String.fetchAll(db, sql: failed)
            for id in chosen {
                try db.execute(
                    sql: """
                        UPDATE outbox SET state = 'waiting', earlierAttempts = attempts, settledAt = NULL, dueAt = ?
                        WHERE key = ?
                        """,
                    arguments: [time.timeIntervalSince1970, id])
            }
            return chosen.count
        }
    }

    /// What is to be handed on and what was given up, of one meeting or of all, and the `latest` of the others; in the
    /// order in which they were recorded.
    package func outbox(of meeting: MeetingID? = nil, latest: Int) throws -> [OutboxRecord] {
        try read { db in
            try Self.outbox(
                where: """
                    (?1 IS NULL OR meeting.name = ?1) AND (outbox.state IN ('waiting', 'running', 'failed')
                        OR outbox.id IN (
                            SELECT outbox.id FROM outbox JOIN meeting ON meeting.id = outbox.meeting
                            WHERE outbox.state IN ('delivered', 'replaced') AND (?1 IS NULL OR meeting.name = ?1)
                            ORDER BY outbox.id DESC LIMIT ?2))
                    """, [meeting?.name, latest], db)
        }
    }

    /// How much waits, and how much was given up.
    package func outboxLoad() throws -> OutboxLoad {
        try read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT (SELECT COUNT(*) FROM outboxTarget), COUNT(*), MIN(createdAt),
                        (SELECT COUNT(*) FROM outbox WHERE state = 'failed')
                    FROM outbox WHERE settledAt IS NULL
                    """)
            guard let row else {
                return OutboxLoad(targets: 0, waiting: 0, failed: 0, waitingSince: nil)
            }
            return OutboxLoad(
                targets: row[0], waiting: row[1], failed: row[3],
                waitingSince: (row[2] as Double?).map(Date.init(timeIntervalSince1970:)))
        }
    }

    private static func outbox(
        where condition: String, _ arguments: StatementArguments, _ db: Database
    ) throws -> [OutboxRecord] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT outbox.*, meeting.name AS meetingName
                FROM outbox JOIN meeting ON meeting.id = outbox.meeting WHERE \(condition) ORDER BY outbox.id
                """,
            arguments: arguments
        ).map { row in
            let settledAt = (row["settledAt"] as Double?).map(Date.init(timeIntervalSince1970:))
            return OutboxRecord(
                id: row["key"], target: row["target"], meeting: try MeetingID(row["meetingName"]),
                reason: try parsed(row["reason"]), createdAt: date(row["createdAt"]),
                state: try parsed(row["state"]), attempts: row["attempts"],
                earlierAttempts: row["earlierAttempts"],
                dueAt: settledAt == nil ? date(row["dueAt"]) : nil, settledAt: settledAt,
                problem: row["problem"])
        }
    }

    // MARK: - Erasing

    /// Keeps in mind, for an erasure, what had left of a meeting whose rows go now.
    static func rememberHandedOn(_ meeting: MeetingRow, _ erasure: Int64, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO handedOn (erasure, key, meeting, target, state, at)
                SELECT ?, key, ?, target, state, COALESCE(settledAt, createdAt) FROM outbox
                WHERE meeting = ? AND attempts > 0
                """,
            arguments: [erasure, meeting.id.name, meeting.key])
    }

    /// What was handed on of the meetings of an erasure, delivered or perhaps delivered, the earliest first.
    package func handedOn(of erasure: Int64) throws -> [HandedOn] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT key, meeting, target, state, at FROM handedOn WHERE erasure = ?1
                    UNION
                    SELECT key, meeting.name, target, outbox.state, COALESCE(settledAt, outbox.createdAt) FROM outbox
                        JOIN meeting ON meeting.id = outbox.meeting
                        JOIN erasureMeeting ON erasureMeeting.meeting = meeting.id
                            AND erasureMeeting.name = meeting.name
                        JOIN erasure ON erasure.id = erasureMeeting.erasure
                    WHERE erasure.id = ?1 AND erasure.kind <> 'meeting' AND outbox.attempts > 0
                    ORDER BY at, key
                    """,
                arguments: [erasure]
            ).map { row in
                HandedOn(
                    id: row["key"], meeting: row["meeting"], target: row["target"],
                    state: try parsed(row["state"]), at: date(row["at"]))
            }
        }
    }
}
