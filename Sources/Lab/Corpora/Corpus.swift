import Foundation

/// Examples for training and evaluation, read from files.
///
/// There are readers for three kinds of data: DialogSum (`*.jsonl`, one dialogue on each line), QMSum (`*.json`, one
/// meeting in each file) and a folder with the user's own transcripts and minutes (``PairsReader`` describes the names
/// of its files).
package struct Corpus: Sendable, Hashable {
    /// The options for reading data.
    package struct Options: Sendable, Hashable {
        /// Whether transcribers' marks are removed (QMSum) and tokenised text is turned into running text.
        package var isCleaned: Bool
        /// The kinds of examples to keep.
        package var kinds: Set<CorpusExample.Kind>

        /// Creates options; by default all kinds of examples are kept, and their text is cleaned.
        package init(
            isCleaned: Bool = true, kinds: Set<CorpusExample.Kind> = Set(CorpusExample.Kind.allCases)
        ) {
            self.isCleaned = isCleaned
            self.kinds = kinds
        }
    }

    /// The examples, in the order of the files' names and within a file in its order.
    package var examples: [CorpusExample] = []
    /// The meetings with topics, in the order of the files' names.
    package var meetings: [CorpusMeeting] = []
    /// What was left out, with counts, for people to read.
    package var notes: [String] = []

    /// Reads the files and folders at `paths`, one after the other.
    ///
    /// A folder is read as QMSum if it contains `*.json` files of meetings, as DialogSum if it contains `*.jsonl` files
    /// of dialogues, else as pairs of transcripts and minutes. Throws an error with the file and the line if something
    /// in them is wrong; throws also if two examples have the same id, as when a path is given twice, or if there is no
    /// example of the wanted kinds.
    package static func read(_ paths: [String], options: Options = Options()) throws(CorporaError) -> Corpus {
        var corpus = Corpus()
        for path in paths { corpus.append(try read(path, options: options)) }
        corpus.examples.removeAll { !options.kinds.contains($0.kind) }
        var ids: Set<String> = []
        for example in corpus.examples where !ids.insert(example.id).inserted {
            throw CorporaError(
                .malformed,
                "two examples are called \(example.id): give each file once, and no two of the same name")
        }
        guard !corpus.examples.isEmpty else {
            throw CorporaError(
                .empty,
                "there is no example of kind \(options.kinds.map(\.rawValue).sorted().joined(separator: ", ")) in "
                    + paths.joined(separator: ", "))
        }
        return corpus
    }

    private static func read(_ path: String, options: Options) throws(CorporaError) -> Corpus {
        guard try CorpusFile.isFolder(path) else { return try readFile(path, options: options) }
        let names = try CorpusFile.names(in: path)
        let meetings = names.filter { $0.hasSuffix(".json") && !PairsReader.isMinutes($0) }
        if !meetings.isEmpty { return try readFiles(meetings, in: path, options: options) }
        let lines = names.filter { $0.hasSuffix(".jsonl") }
        if let first = lines.first, try DialogSumReader.recognises(try CorpusFile.text(path + "/" + first)) {
            return try readFiles(lines, in: path, options: options)
        }
        return try PairsReader.read(folder: path)
    }

    private static func readFiles(_ names: [String], in folder: String, options: Options) throws(CorporaError)
        -> Corpus
    {
        var corpus = Corpus()
        for name in names { corpus.append(try readFile(folder + "/" + name, options: options)) }
        return corpus
    }

    private static func readFile(_ path: String, options: Options) throws(CorporaError) -> Corpus {
        if path.hasSuffix(".jsonl") {
            return try DialogSumReader.read(path, isCleaned: options.isCleaned)
        }
        if path.hasSuffix(".json") { return try QMSumReader.read(path, isCleaned: options.isCleaned) }
        throw CorporaError(
            .unknownKind,
            "\(path) is not of a known kind: give DialogSum as .jsonl, QMSum as .json, or a folder with "
                + "NAME.vtt (or .txt, .srt, .jsonl) and NAME.minutes.txt (or .md, .json)")
    }

    private mutating func append(_ other: Corpus) {
        examples += other.examples
        meetings += other.meetings
        notes += other.notes
    }
}
