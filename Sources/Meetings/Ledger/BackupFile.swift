import Foundation
import GRDB

/// A copy of a ledger, with files, in one SQLite file.
///
/// The table of files is that of SQLite's archives (`sqlite3 -A`), uncompressed; the table `backup` says when the copy was
/// made. Nobody else may use the file meanwhile. Errors are ``LedgerError``.
package struct BackupFile {
    /// A file in the copy.
    package struct Entry: Sendable, Hashable {
        /// Its path in the copy, such as `done/standup.vtt`.
        package let name: String
        /// Its mode, as of stat(2).
        package let mode: UInt32
        /// When its content was changed last, in seconds since 1970.
        package let modified: Int

        /// Describes a file.
        package init(name: String, mode: UInt32, modified: Int) {
            self.name = name
            self.mode = mode
            self.modified = modified
        }
    }

    private let queue: DatabaseQueue
    private let path: String

    /// Opens the copy at `path`; for reading unless `isWritable`.
    private init(path: String, isWritable: Bool) throws {
        var configuration = Configuration()
        configuration.readonly = !isWritable
        configuration.prepareDatabase { db in
            // It is thrown away if it is not completed, and made durable then.
            if isWritable { try db.execute(sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF") }
        }
        self.path = path
        queue = try Self.translated(path) { try DatabaseQueue(path: path, configuration: configuration) }
    }

    /// Copies `ledger`, as it is at one moment, into the empty file at `path`.
    package init(copying ledger: Ledger, to path: String, at time: Date = Date()) throws {
        try ledger.copy(to: path)
        try self.init(path: path, isWritable: true)
        try Self.translated(path) {
            try queue.write { db in
                try db.execute(
                    sql: """
                        CREATE TABLE backup (madeAt REAL NOT NULL);
                        CREATE TABLE sqlar (name TEXT PRIMARY KEY, mode INT, mtime INT, sz INT, data BLOB);
                        """)
                try db.execute(
                    sql: "INSERT INTO backup (madeAt) VALUES (?)", arguments: [time.timeIntervalSince1970])
            }
        }
    }

    /// Opens a copy for reading; throws `damaged` if it is none, or not sound.
    package init(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw LedgerError(.missing, "there is no file \(path)")
        }
        try self.init(path: path, isWritable: false)
        let isOne = try Self.translated(path) {
            try queue.read { db in try db.tableExists("backup") && db.tableExists("sqlar") }
        }
        guard isOne else {
            throw LedgerError(.damaged, "\(path) is no backup that minutectl backup made")
        }
        let answers = try Self.translated(path) {
            try queue.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
        }
        // The index for searching is filled anew.
        guard let damage = answers.first(where: { $0 != "ok" && !Ledger.isOfSearchIndex($0) }) else { return }
        throw LedgerError(.damaged, "\(path) is damaged (\(damage)): take an earlier backup")
    }

    /// When the copy was made.
    package func madeAt() throws -> Date {
        try Self.translated(path) {
            let seconds = try queue.read { try Double.fetchOne($0, sql: "SELECT madeAt FROM backup") }
            return Date(timeIntervalSince1970: seconds ?? 0)
        }
    }

    /// Adds a file.
    package func add(_ entry: Entry, _ content: Data) throws {
        try Self.translated(path) {
            try queue.write { db in
                try db.execute(
                    sql: "INSERT OR REPLACE INTO sqlar (name, mode, mtime, sz, data) VALUES (?, ?, ?, ?, ?)",
                    arguments: [entry.name, entry.mode, entry.modified, content.count, content])
            }
        }
    }

    /// The files, in the order in which they were added.
    package func entries() throws -> [Entry] {
        try Self.translated(path) {
            try queue.read { db in
                try Row.fetchAll(db, sql: "SELECT name, mode, mtime FROM sqlar ORDER BY rowid").map {
                    Entry(name: $0["name"], mode: $0["mode"], modified: $0["mtime"])
                }
            }
        }
    }

    /// The content of a file; nil if there is no such file.
    package func content(of name: String) throws -> Data? {
        try Self.translated(path) {
            try queue.read { db in
                try Data.fetchOne(db, sql: "SELECT data FROM sqlar WHERE name = ?", arguments: [name])
            }
        }
    }

    /// Lets go of the file.
    package func close() throws { try Self.translated(path) { try queue.close() } }

    /// Makes a ledger of a copy of this file at `path`: what is no ledger's goes.
    package static func makeLedger(at path: String) throws {
        let file = try BackupFile(path: path, isWritable: true)
        try translated(path) {
            try file.queue.write { try $0.execute(sql: "DROP TABLE sqlar; DROP TABLE backup") }
            try file.queue.vacuum()
        }
        try file.close()
    }

    private static func translated<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        try Ledger.translated(path, body)
    }
}
