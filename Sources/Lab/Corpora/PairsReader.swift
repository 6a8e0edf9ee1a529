import Foundation
import Transcript

/// Reads the user's own transcripts with their minutes.
///
/// For each meeting, the folder contains `NAME.vtt` (or `.srt`, `.txt`, `.jsonl`: any format that the daemon reads) and
/// `NAME.minutes.md` (or `.txt`, or `.json` for minutes that the daemon wrote, of which the summary is used). Minutes
/// by several people are called `NAME.minutes.1.md`, `NAME.minutes.2.md`, and so on. Instead, a meeting can have a
/// subfolder with `transcript.vtt` and `minutes.md`, with the same choice of extensions.
package enum PairsReader {
    private static let transcriptExtensions: Set = ["vtt", "srt", "txt", "jsonl"]
    private static let minutesExtensions: Set = ["md", "txt", "json"]

    private struct Minutes: Decodable {
        struct Summary: Decodable {
            var text: String
        }

        var summary: Summary?
    }

    static func isMinutes(_ name: String) -> Bool {
        let parts = name.split(separator: ".")
        guard let last = parts.last, minutesExtensions.contains(String(last)) else { return false }
        let middle = parts.dropLast()
        return middle.last == "minutes"
            || middle.last.map { Int($0) != nil } == true && middle.dropLast().last == "minutes"
    }

    static func read(folder: String) throws(CorporaError) -> Corpus {
        var corpus = Corpus()
        let names = try CorpusFile.names(in: folder)
        for name in names where !isMinutes(name) {
            let path = folder + "/" + name
            if try CorpusFile.isFolder(path) {
                try corpus.readMeetingFolder(path)
            } else if let ending = name.split(separator: ".").last,
                transcriptExtensions.contains(String(ending))
            {
                let stem = CorpusFile.stem(name)
                let minutes = names.filter { isMinutes($0) && $0.hasPrefix(stem + ".minutes.") }
                try corpus.add(transcript: path, minutes: minutes.map { folder + "/" + $0 }, name: stem)
            }
        }
        return corpus
    }
}

extension Corpus {
    fileprivate mutating func readMeetingFolder(_ folder: String) throws(CorporaError) {
        let names = try CorpusFile.names(in: folder)
        guard let transcript = names.first(where: { CorpusFile.stem($0) == "transcript" }) else { return }
        try add(
            transcript: folder + "/" + transcript,
            minutes: names.filter(PairsReader.isMinutes).map { folder + "/" + $0 },
            name: CorpusFile.stem(folder + "."))
    }

    fileprivate mutating func add(transcript: String, minutes: [String], name: String) throws(CorporaError) {
        guard !minutes.isEmpty else {
            notes.append("\(transcript): left out, there is no \(name).minutes.md beside it")
            return
        }
        let file: TranscriptFile
        do {
            file = try TranscriptReader.read([UInt8](CorpusFile.bytes(transcript)), name: transcript)
        } catch let error as TranscriptError {
            throw CorporaError(.malformed, error.message)
        } catch {
            throw CorporaError(.unreadable, "\(transcript): \(error)")
        }
        var references: [String] = []
        for path in minutes {
            let text = try PairsReader.minutesText(path)
            if text.isEmpty {
                notes.append("\(path): left out, it holds no summary")
            } else {
                references.append(text)
            }
        }
        guard !references.isEmpty, !file.utterances.isEmpty else { return }
        let source = file.utterances.enumerated().map { index, utterance in
            CorpusUtterance(speaker: utterance.speaker, text: utterance.text, index: index)
        }
        examples.append(
            CorpusExample(id: "pairs/" + name, kind: .pair, source: source, references: references))
    }
}

extension PairsReader {
    /// The text of written minutes, line by line, without headings and list markers.
    fileprivate static func minutesText(_ path: String) throws(CorporaError) -> String {
        guard !path.hasSuffix(".json") else {
            let minutes = try CorpusFile.decode(Minutes.self, from: try CorpusFile.bytes(path), place: path)
            return minutes.summary?.text.trimmed ?? ""
        }
        let isMarkdown = path.hasSuffix(".md")
        return try CorpusFile.text(path).split(whereSeparator: \.isNewline).compactMap { line -> String? in
            let line = line.collapsed
            guard isMarkdown else { return line.isEmpty ? nil : line }
            if line.isEmpty || line.hasPrefix("#") { return nil }
            return line.hasPrefix("- ") || line.hasPrefix("* ") ? String(line.dropFirst(2)) : line
        }.joined(separator: "\n")
    }
}
