import Files
import Foundation
import Ledger
import Minutes
import Pipeline
import Transcript

/// Compares the files of the minutes with what the ledger gives.
struct MinutesCheck {
    let ledger: Ledger
    /// The output folder.
    let path: String
    /// How the minutes of each kind of meeting are written.
    var styles = MinutesStyles.standard
    /// Who may read the minutes.
    var readers: MinutesReaders?

    /// Files of a meeting's minutes that are missing or differ, and how many there should be.
    ///
    /// Minutes of an unfinished meeting may be behind the ledger, but not damaged.
    func problems(
        of meeting: MeetingID, isFinished: Bool
    ) async throws -> (all: [(path: String, what: String)], fileCount: Int) {
        if !isFinished {
            let file = "\(path)/\(meeting.name)/minutes.json"
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                return ([(file, "it is missing, or no text")], 1)
            }
            let isWhole = (try? JSONRenderer.read(text)) != nil
            return (isWhole ? [] : [(file, "it is damaged")], 1)
        }
        let scratch = try TemporaryFolder()
        // Comparing everything that the writer writes, the check need not know the files by name.
        let writer = MinutesWriter(
            ledger: ledger, folder: try OutputFolder(path: scratch.path), styles: styles, readers: readers)
        _ = try await writer.write(meeting)
        let right = "\(scratch.path)/\(meeting.name)"
        let names = try FileManager.default.contentsOfDirectory(atPath: right).sorted()
        let all = names.compactMap { name -> (path: String, what: String)? in
            let file = "\(path)/\(meeting.name)/\(name)"
            guard FileManager.default.fileExists(atPath: file) else { return (file, "it is missing") }
            return FileManager.default.contentsEqual(atPath: file, andPath: right + "/" + name)
                ? nil : (file, "it is not what the ledger gives")
        }
        return (all, names.count)
    }

    /// Writes a meeting's minutes again.
    func mend(_ meeting: MeetingID) async throws {
        let writer = MinutesWriter(
            ledger: ledger, folder: try OutputFolder(path: path, readers: readers), styles: styles)
        _ = try await writer.write(meeting)
    }

    /// The names of the folders of meetings.
    func folders() -> [String] {
        // Ignored: nothing was written yet.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { name in
            var isFolder: ObjCBool = false
            return !name.hasPrefix(".")
                && FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
                && isFolder.boolValue
        }.sorted()
    }
}
